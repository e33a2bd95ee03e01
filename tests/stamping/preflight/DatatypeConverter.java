// Java 11 and newer lack this class, which PDFBox 2 asks for; this much of it does.
package javax.xml.bind;
public final class DatatypeConverter {
    public static byte[] parseHexBinary(String text) { return java.util.HexFormat.of().parseHex(text); }
    public static String printHexBinary(byte[] data) { return java.util.HexFormat.of().withUpperCase().formatHex(data); }
    public static java.util.Calendar parseDateTime(String text) { return java.util.GregorianCalendar.from(java.time.ZonedDateTime.parse(text)); }
    public static int parseInt(String text) { return Integer.parseInt(text.trim()); }
}
