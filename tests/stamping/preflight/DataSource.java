// Java 11 and newer lack this class, which PDFBox 2 asks for; this much of it does.
package javax.activation;
public interface DataSource { java.io.InputStream getInputStream() throws java.io.IOException; java.io.OutputStream getOutputStream() throws java.io.IOException; String getContentType(); String getName(); }
