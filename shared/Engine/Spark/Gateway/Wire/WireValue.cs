using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Pipeline.Engine.Spark.Gateway.Wire;

/// <summary>A reference in an answer: what kind of object the JVM says it is, and its id, such as <c>o12</c>.</summary>
/// <param name="Kind"><c>r</c> object, <c>l</c> list, <c>a</c> map, <c>h</c> set, <c>t</c> array, <c>g</c> iterator.</param>
/// <param name="Id">The id, unique in the gateway.</param>
internal readonly record struct WireReference(char Kind, string Id);

/// <summary>A C# object that the JVM may call: an id of ours and the Java interface it stands for.</summary>
/// <param name="Id">Our id, such as <c>p0</c>.</param>
/// <param name="JavaInterface">The interface's full name.</param>
internal sealed record JvmProxy(string Id, string JavaInterface);

/// <summary>One value on one line: a letter for its type and its text.</summary>
/// <remarks>Source: Py4J 0.10.9, <c>py4j.Protocol</c> (getObject, getOutputCommand) and <c>py4j.StringUtil</c> (escape, unescape).</remarks>
internal static class WireValue
{
    private static readonly SearchValues<byte> Escaped = SearchValues.Create("\\\n\r"u8);

    /// <summary>Writes a value and its line end.</summary>
    /// <exception cref="ArgumentException">The gateway has no form for a value of this type.</exception>
    public static void Write(IBufferWriter<byte> to, object? value)
    {
        switch (value)
        {
            case null:
                to.Write("n"u8);
                break;
            case string text:
                to.Write("s"u8);
                WriteEscaped(to, text);
                break;
            case int number:
                WriteTagged(to, (byte)'i', number);
                break;
            case long number:
                WriteTagged(to, (byte)'L', number);
                break;
            case bool flag:
                to.Write(flag ? "btrue"u8 : "bfalse"u8);
                break;
            case double number:
                to.Write("d"u8);
                WriteDouble(to, number);
                break;
            case decimal number:
                WriteTagged(to, (byte)'D', number);
                break;
            case byte[] bytes:
                to.Write("j"u8);
                WriteBase64(to, bytes);
                break;
            case JvmObject reference:
                to.Write("r"u8);
                WriteText(to, reference.Id);
                break;
            case JvmProxy proxy:
                to.Write("f"u8);
                WriteText(to, proxy.Id);
                to.Write(";"u8);
                WriteText(to, proxy.JavaInterface);
                break;
            default:
                throw new ArgumentException($"A value of type {value.GetType().Name} cannot be given to the JVM. It takes string, int, long, double, bool, decimal, byte[], a JVM object, a proxy or null.", nameof(value));
        }
        to.Write("\n"u8);
    }

    /// <summary>Reads a value from a line without its end. References come as <see cref="WireReference"/>, numbers of BigDecimal as their text.</summary>
    /// <exception cref="FormatException">The bytes are not a value that the protocol has.</exception>
    public static object? Read(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty) throw new FormatException("The value is empty: its letter of type is missing.");
        var body = line[1..];
        switch (line[0])
        {
            case (byte)'s':
                return Unescape(body);
            case (byte)'i' when Utf8Parser.TryParse(body, out int number, out var read) && read == body.Length:
                return number;
            case (byte)'L' when Utf8Parser.TryParse(body, out long number, out var read) && read == body.Length:
                return number;
            case (byte)'b' when body.SequenceEqual("true"u8):
                return true;
            case (byte)'b' when body.SequenceEqual("false"u8):
                return false;
            case (byte)'d' when double.TryParse(body, NumberStyles.Float, CultureInfo.InvariantCulture, out var number):
                return number;
            case (byte)'D':
                return Encoding.UTF8.GetString(body);
            case (byte)'j':
                return ReadBase64(body);
            case (byte)'n' or (byte)'v' when body.IsEmpty:
                return null;
            case (byte)'r' or (byte)'l' or (byte)'a' or (byte)'h' or (byte)'t' or (byte)'g' when !body.IsEmpty:
                return new WireReference((char)line[0], Encoding.UTF8.GetString(body));
            default:
                throw new FormatException($"The value '{Shorten(line)}' is not one that the gateway's protocol has.");
        }
    }

    /// <summary>Bytes of a message for an error, cut short.</summary>
    public static string Shorten(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= 60 ? Encoding.UTF8.GetString(bytes) : Encoding.UTF8.GetString(bytes[..60]) + "…";

    /// <summary>Text as it is: names and ids, which hold nothing to escape.</summary>
    public static void WriteText(IBufferWriter<byte> to, string text)
    {
        if (text.AsSpan().IndexOfAny('\n', '\r') >= 0) throw new ArgumentException($"The name '{text.ReplaceLineEndings("\\n")}' has a line break; names sent to the JVM have none.", nameof(text));
        Encoding.UTF8.GetBytes(text, to);
    }

    private static void WriteEscaped(IBufferWriter<byte> to, string text)
    {
        if (text.AsSpan().IndexOfAny('\\', '\n', '\r') < 0)
        {
            Encoding.UTF8.GetBytes(text, to);
            return;
        }
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text);
        while (rest.IndexOfAny(Escaped) is var at and >= 0)
        {
            to.Write(rest[..at]);
            to.Write(rest[at] switch { (byte)'\\' => "\\\\"u8, (byte)'\n' => "\\n"u8, _ => "\\r"u8 });
            rest = rest[(at + 1)..];
        }
        to.Write(rest);
    }

    private static string Unescape(ReadOnlySpan<byte> body)
    {
        if (body.IndexOf((byte)'\\') < 0) return Encoding.UTF8.GetString(body);
        var plain = new byte[body.Length];
        var length = 0;
        for (var i = 0; i < body.Length; i++)
        {
            var value = body[i];
            if (value == (byte)'\\' && i + 1 < body.Length)
                value = body[++i] switch { (byte)'n' => (byte)'\n', (byte)'r' => (byte)'\r', var other => other };
            plain[length++] = value;
        }
        return Encoding.UTF8.GetString(plain, 0, length);
    }

    private static void WriteTagged<T>(IBufferWriter<byte> to, byte tag, T number) where T : IUtf8SpanFormattable
    {
        var span = to.GetSpan(40);
        span[0] = tag;
        if (!number.TryFormat(span[1..], out var written, default, CultureInfo.InvariantCulture)) throw new FormatException("A number did not fit into 39 bytes.");
        to.Advance(written + 1);
    }

    private static void WriteDouble(IBufferWriter<byte> to, double number)
    {
        if (double.IsNaN(number)) to.Write("NaN"u8);
        else if (double.IsInfinity(number)) to.Write(number > 0 ? "Infinity"u8 : "-Infinity"u8);
        else WriteText(to, number.ToString("R", CultureInfo.InvariantCulture));
    }

    private static void WriteBase64(IBufferWriter<byte> to, byte[] bytes)
    {
        var span = to.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        _ = Base64.EncodeToUtf8(bytes, span, out _, out var written);
        to.Advance(written);
    }

    private static byte[] ReadBase64(ReadOnlySpan<byte> body)
    {
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(body.Length)];
        if (Base64.DecodeFromUtf8(body, bytes, out _, out var written) != OperationStatus.Done) throw new FormatException("The value of bytes is not valid base64.");
        return bytes.AsSpan(0, written).ToArray();
    }
}
