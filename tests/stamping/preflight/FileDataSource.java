// Java 11 and newer lack this class, which PDFBox 2 asks for; this much of it does.
package javax.activation;
public class FileDataSource implements DataSource {
    private final java.io.File file;
    public FileDataSource(java.io.File file) { this.file = file; }
    public FileDataSource(String file) { this(new java.io.File(file)); }
    public java.io.InputStream getInputStream() throws java.io.IOException { return new java.io.FileInputStream(file); }
    public java.io.OutputStream getOutputStream() throws java.io.IOException { throw new java.io.IOException(); }
    public String getContentType() { return "application/pdf"; }
    public String getName() { return file.getName(); }
}
