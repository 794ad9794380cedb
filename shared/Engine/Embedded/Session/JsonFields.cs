using System.Text;
using System.Text.Json;
using Pipeline.Engine.Sql.Dialects;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>Fields of one JSON object, read strictly and written as a JSON object whose plain values are texts: what the function <c>json_fields</c> means, in one pass over the bytes.</summary>
/// <remarks>
/// Strict is RFC 8259 and more: one object and nothing after it, no key twice in an object that is read, no half of a surrogate pair, at most <see cref="DuckDbDialect.DeepestJson"/> levels.
/// A text stays as it is and a number is its digits as written; <c>null</c> is the empty text; an object, array or boolean where a plain value is asked for is its text behind <see cref="DuckDbDialect.WrongJsonKind"/>.
/// </remarks>
internal sealed class JsonFields
{
    [ThreadStatic]
    private static JsonFields? ofThread;

    private static readonly byte[] WrongKind = Encoding.ASCII.GetBytes(string.Concat(DuckDbDialect.WrongJsonKind.Select(static letter => $"\\u{(int)letter:X4}")));

    private readonly MemoryStream output = new(4096);
    private byte[] specText = [];
    private Member[] members = [];

    private enum Kind
    {
        Plain,
        Object,
        List,
    }

    /// <summary>The calling thread's reader.</summary>
    public static JsonFields Rent() => ofThread ??= new JsonFields();

    /// <summary>Reads a text; false where it is not one strict object. The result stays in <see cref="Written"/> until the next text.</summary>
    /// <param name="text">The JSON.</param>
    /// <param name="spec">What is asked for, as <c>json_transform</c> takes it: <c>{"a":"VARCHAR","b":{"c":["VARCHAR"]}}</c>.</param>
    public bool TryRead(ReadOnlySpan<byte> text, ReadOnlySpan<byte> spec)
    {
        if (!spec.SequenceEqual(specText))
        {
            members = Members(JsonDocument.Parse(spec.ToArray()).RootElement);
            specText = spec.ToArray();
        }
        output.SetLength(0);
        try
        {
            var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = DuckDbDialect.DeepestJson });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject || !TryReadObject(ref reader, text, members)) return false;
            return !reader.Read();
        }
        catch (JsonException)
        {
            // Which of the many ways a text is malformed in is not told on: the message is quarantined whole.
            return false;
        }
    }

    /// <summary>The object that was read.</summary>
    public ReadOnlySpan<byte> Written => output.GetBuffer().AsSpan(0, (int)output.Length);

    private static Member[] Members(JsonElement spec) =>
    [
        .. spec.EnumerateObject().Select(static member => new Member(
            Encoding.UTF8.GetBytes(member.Name),
            Encoding.UTF8.GetBytes(JsonSerializer.Serialize(member.Name) + ":"),
            member.Value.ValueKind switch { JsonValueKind.Object => Kind.Object, JsonValueKind.Array => Kind.List, _ => Kind.Plain },
            member.Value.ValueKind == JsonValueKind.Object ? Members(member.Value) : [])),
    ];

    private bool TryReadObject(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, Member[] asked)
    {
        var seen = new bool[asked.Length];
        HashSet<string>? others = null;
        var next = 0;
        var isFirst = true;
        output.WriteByte((byte)'{');
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!IsText(ref reader)) return false;
            var index = Find(ref reader, asked, next);
            var isRepeated = index >= 0 ? seen[index] : !(others ??= new HashSet<string>(StringComparer.Ordinal)).Add(reader.GetString()!);
            if (isRepeated) return false;
            reader.Read();
            if (index < 0)
            {
                if (!TrySkip(ref reader)) return false;
                continue;
            }
            seen[index] = true;
            next = index + 1;
            if (!TryReadMember(ref reader, text, asked[index], ref isFirst)) return false;
        }
        output.WriteByte((byte)'}');
        return true;
    }

    /// <summary>The member of this name, or -1; most messages have their members in the order of the contract.</summary>
    private static int Find(ref Utf8JsonReader reader, Member[] asked, int next)
    {
        if (next < asked.Length && reader.ValueTextEquals(asked[next].Name)) return next;
        for (var i = 0; i < asked.Length; i++)
            if (reader.ValueTextEquals(asked[i].Name)) return i;
        return -1;
    }

    private bool TryReadMember(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, Member member, ref bool isFirst)
    {
        var isOther = member.Kind switch
        {
            Kind.Object => reader.TokenType != JsonTokenType.StartObject,
            Kind.List => reader.TokenType != JsonTokenType.StartArray,
            _ => false,
        };
        if (isOther) return TrySkip(ref reader);
        if (!isFirst) output.WriteByte((byte)',');
        isFirst = false;
        output.Write(member.Written);
        return member.Kind switch
        {
            Kind.Object => TryReadObject(ref reader, text, member.Members),
            Kind.List => TryReadList(ref reader, text),
            _ => TryReadPlain(ref reader, text, isMarked: true),
        };
    }

    private bool TryReadList(ref Utf8JsonReader reader, ReadOnlySpan<byte> text)
    {
        output.WriteByte((byte)'[');
        var isFirst = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (!isFirst) output.WriteByte((byte)',');
            isFirst = false;
            if (reader.TokenType == JsonTokenType.Null) output.Write("null"u8);
            else if (!TryReadPlain(ref reader, text, isMarked: false)) return false;
        }
        output.WriteByte((byte)']');
        return true;
    }

    private bool TryReadPlain(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, bool isMarked)
    {
        output.WriteByte((byte)'"');
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                // What stands between the quotes is JSON already.
                if (!IsText(ref reader)) return false;
                output.Write(reader.ValueSpan);
                break;
            case JsonTokenType.Null:
                break;
            case JsonTokenType.Number:
                output.Write(reader.ValueSpan);
                break;
            default:
                if (isMarked) output.Write(WrongKind);
                var from = (int)reader.TokenStartIndex;
                if (!TrySkip(ref reader)) return false;
                output.Write(JsonEncodedText.Encode(text[from..(int)reader.BytesConsumed]).EncodedUtf8Bytes);
                break;
        }
        output.WriteByte((byte)'"');
        return true;
    }

    /// <summary>Goes to the end of a value; false where a text in it is none.</summary>
    private static bool TrySkip(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) return reader.TokenType != JsonTokenType.String || IsText(ref reader);
        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && !IsText(ref reader)) return false;
        return true;
    }

    /// <summary>Whether the token's escapes are whole characters; what is not escaped is UTF-8 already.</summary>
    private static bool IsText(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped) return true;
        var escaped = reader.ValueSpan;
        for (var at = escaped.IndexOf((byte)'\\'); at >= 0 && at < escaped.Length;)
        {
            var length = 2;
            if (escaped[at + 1] == 'u')
            {
                var unit = Unit(escaped, at);
                length = 6;
                if (char.IsLowSurrogate(unit)) return false;
                if (char.IsHighSurrogate(unit))
                {
                    var hasLow = at + 12 <= escaped.Length && escaped[at + 6] == '\\' && escaped[at + 7] == 'u' && char.IsLowSurrogate(Unit(escaped, at + 6));
                    if (!hasLow) return false;
                    length = 12;
                }
            }
            var rest = escaped[(at + length)..].IndexOf((byte)'\\');
            if (rest < 0) return true;
            at += length + rest;
        }
        return true;
    }

    private static char Unit(ReadOnlySpan<byte> escaped, int at) => (char)ushort.Parse(escaped.Slice(at + 2, 4), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture);

    private sealed record Member(byte[] Name, byte[] Written, Kind Kind, Member[] Members);
}
