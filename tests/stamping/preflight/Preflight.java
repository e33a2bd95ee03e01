// Asks PDFBox preflight about PDF/A-1b: for each path on standard input one line, "valid" or what is wrong.

import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.util.stream.Collectors;
import org.apache.pdfbox.preflight.PreflightDocument;
import org.apache.pdfbox.preflight.ValidationResult;
import org.apache.pdfbox.preflight.exception.SyntaxValidationException;
import org.apache.pdfbox.preflight.parser.PreflightParser;

class Preflight {
    public static void main(String[] arguments) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        for (String path; (path = lines.readLine()) != null;) {
            System.out.println(judged(new File(path)));
            System.out.flush();
        }
    }

    static String judged(File file) {
        ValidationResult result;
        try {
            var parser = new PreflightParser(file);
            parser.parse();
            try (PreflightDocument document = parser.getPreflightDocument()) {
                document.validate();
                result = document.getResult();
            }
        } catch (SyntaxValidationException error) {
            result = error.getResult();
        } catch (Exception error) {
            return "fails: " + error.getClass().getSimpleName();
        }
        if (result.isValid()) return "valid";
        return result.getErrorsList().stream()
            .map(each -> each.getErrorCode() + " " + each.getDetails())
            .distinct().collect(Collectors.joining("; ")).replace("\n", " ");
    }
}
