using System.Globalization;
using System.Text.Json;

namespace Pipeline.Engine.UserFunctions.Identity;

/// <summary>The simple types that a lambda may capture, and their values as JSON.</summary>
internal static class CapturedValue
{
    private sealed record Form(Action<Utf8JsonWriter, object> Write, Func<JsonElement, object> Read);

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private static readonly Dictionary<Type, Form> Forms = new()
    {
        [typeof(bool)] = new((json, value) => json.WriteBooleanValue((bool)value), static json => json.GetBoolean()),
        [typeof(sbyte)] = new((json, value) => json.WriteNumberValue((sbyte)value), static json => json.GetSByte()),
        [typeof(byte)] = new((json, value) => json.WriteNumberValue((byte)value), static json => json.GetByte()),
        [typeof(short)] = new((json, value) => json.WriteNumberValue((short)value), static json => json.GetInt16()),
        [typeof(ushort)] = new((json, value) => json.WriteNumberValue((ushort)value), static json => json.GetUInt16()),
        [typeof(int)] = new((json, value) => json.WriteNumberValue((int)value), static json => json.GetInt32()),
        [typeof(uint)] = new((json, value) => json.WriteNumberValue((uint)value), static json => json.GetUInt32()),
        [typeof(long)] = new((json, value) => json.WriteNumberValue((long)value), static json => json.GetInt64()),
        [typeof(ulong)] = new((json, value) => json.WriteNumberValue((ulong)value), static json => json.GetUInt64()),
        [typeof(decimal)] = new((json, value) => json.WriteNumberValue((decimal)value), static json => json.GetDecimal()),
        // As text: JSON has no NaN and no infinities. "R" gives every bit back.
        [typeof(float)] = new((json, value) => json.WriteStringValue(((float)value).ToString("R", Invariant)), static json => float.Parse(json.GetString()!, Invariant)),
        [typeof(double)] = new((json, value) => json.WriteStringValue(((double)value).ToString("R", Invariant)), static json => double.Parse(json.GetString()!, Invariant)),
        // As numbers of UTF-16: a lone surrogate is a value of .NET and not of JSON.
        [typeof(char)] = new((json, value) => json.WriteNumberValue((char)value), static json => (char)json.GetUInt16()),
        [typeof(string)] = new(WriteText, ReadText),
        [typeof(DateTime)] = new((json, value) => json.WriteNumberValue(((DateTime)value).ToBinary()), static json => DateTime.FromBinary(json.GetInt64())),
        [typeof(DateOnly)] = new((json, value) => json.WriteNumberValue(((DateOnly)value).DayNumber), static json => DateOnly.FromDayNumber(json.GetInt32())),
        [typeof(TimeSpan)] = new((json, value) => json.WriteNumberValue(((TimeSpan)value).Ticks), static json => new TimeSpan(json.GetInt64())),
        [typeof(Guid)] = new((json, value) => json.WriteStringValue((Guid)value), static json => json.GetGuid()),
    };

    /// <summary>Whether a field of this type may be captured: a simple type, a nullable one, or an array of them.</summary>
    public static bool Allows(Type type) => Forms.ContainsKey(Element(type));

    /// <summary>Writes a value of a field of this type.</summary>
    public static void Write(Utf8JsonWriter json, Type type, object? value)
    {
        var form = Forms[Element(type)];
        if (value is null)
        {
            json.WriteNullValue();
            return;
        }
        if (!type.IsArray)
        {
            form.Write(json, value);
            return;
        }
        json.WriteStartArray();
        foreach (var item in (Array)value)
        {
            if (item is null) json.WriteNullValue();
            else form.Write(json, item);
        }
        json.WriteEndArray();
    }

    /// <summary>Reads the value of a field of this type.</summary>
    public static object? Read(JsonElement json, Type type)
    {
        var form = Forms[Element(type)];
        if (json.ValueKind == JsonValueKind.Null) return null;
        if (!type.IsArray) return form.Read(json);
        var array = Array.CreateInstance(type.GetElementType()!, json.GetArrayLength());
        var place = 0;
        foreach (var item in json.EnumerateArray())
            array.SetValue(item.ValueKind == JsonValueKind.Null ? null : form.Read(item), place++);
        return array;
    }

    private static Type Element(Type type)
    {
        var one = type.IsSZArray ? type.GetElementType()! : type;
        return Nullable.GetUnderlyingType(one) ?? one;
    }

    private static void WriteText(Utf8JsonWriter json, object value)
    {
        var text = (string)value;
        if (!HasLoneSurrogate(text))
        {
            json.WriteStringValue(text);
            return;
        }
        json.WriteStartArray();
        foreach (var unit in text) json.WriteNumberValue(unit);
        json.WriteEndArray();
    }

    private static object ReadText(JsonElement json) => json.ValueKind == JsonValueKind.String
        ? json.GetString()!
        : string.Concat(json.EnumerateArray().Select(static unit => (char)unit.GetUInt16()));

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return true;
            i++;
        }
        return false;
    }
}
