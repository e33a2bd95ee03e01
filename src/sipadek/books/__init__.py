"""The books of an office: what it prints of its register, and what it brings from an older one."""

from __future__ import annotations

from sipadek.books.book import (
    AGENDA_COLUMNS,
    COLUMNS,
    REGISTER_COLUMNS,
    Book,
    counter_letters,
)
from sipadek.books.csv_file import DELIMITERS, guarded, unguarded, write_csv
from sipadek.books.dates import parse_date
from sipadek.books.disposal_papers import (
    DocumentKind,
    consideration,
    minutes,
    statement,
)
from sipadek.books.folder_list import FolderContents, FolderList
from sipadek.books.formal import FormalPaper, Party, write_paper
from sipadek.books.gaps import AccountLike, GapReport, RemarkLike
from sipadek.books.html_file import write_html
from sipadek.books.legacy_files import read_legacy_csv, read_legacy_xlsx
from sipadek.books.legacy_rows import HEADINGS, CellFault, LegacyRow, LegacyTable
from sipadek.books.pdf_file import MAX_PDF_ROWS, write_pdf
from sipadek.books.plan import MAX_HOLES, plan_legacy
from sipadek.books.problems import LegacyPlan, Problem, ProblemKind, SetAside
from sipadek.books.sheets import read_table
from sipadek.books.table import Cell, Column, Printed, Table
from sipadek.books.xlsx_file import MAX_ROWS, MAX_TEXT, write_xlsx

__all__ = [
    "AGENDA_COLUMNS",
    "COLUMNS",
    "DELIMITERS",
    "HEADINGS",
    "MAX_HOLES",
    "MAX_PDF_ROWS",
    "MAX_ROWS",
    "MAX_TEXT",
    "REGISTER_COLUMNS",
    "AccountLike",
    "Book",
    "Cell",
    "CellFault",
    "Column",
    "DocumentKind",
    "FolderContents",
    "FolderList",
    "FormalPaper",
    "GapReport",
    "LegacyPlan",
    "LegacyRow",
    "LegacyTable",
    "Party",
    "Printed",
    "Problem",
    "ProblemKind",
    "RemarkLike",
    "SetAside",
    "Table",
    "consideration",
    "counter_letters",
    "guarded",
    "minutes",
    "parse_date",
    "plan_legacy",
    "read_legacy_csv",
    "read_legacy_xlsx",
    "read_table",
    "statement",
    "unguarded",
    "write_csv",
    "write_html",
    "write_paper",
    "write_pdf",
    "write_xlsx",
]
