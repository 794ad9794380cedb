using System.Diagnostics.CodeAnalysis;
using Pipeline.Engine.Sql;

namespace Pipeline.Engine.UserFunctions.Identity;

/// <summary>The .NET types that a command may name, each by a fixed word, and arrays, lists and dictionaries of them: no other type can be named, and none is looked up.</summary>
internal static class FunctionTypes
{
    private const string ListStart = "List<";
    private const string MapStart = "Dictionary<";

    private static readonly Dictionary<string, Type> Values = new(StringComparer.Ordinal)
    {
        ["bool"] = typeof(bool),
        ["sbyte"] = typeof(sbyte),
        ["short"] = typeof(short),
        ["int"] = typeof(int),
        ["long"] = typeof(long),
        ["float"] = typeof(float),
        ["double"] = typeof(double),
        ["decimal"] = typeof(decimal),
        ["DateOnly"] = typeof(DateOnly),
        ["DateTime"] = typeof(DateTime),
    };

    private static readonly Dictionary<string, Type> ByName = Values
        .Concat(Values.Select(static pair => KeyValuePair.Create(pair.Key + "?", typeof(Nullable<>).MakeGenericType(pair.Value))))
        .Append(KeyValuePair.Create("string", typeof(string)))
        .Append(KeyValuePair.Create("byte[]", typeof(byte[])))
        .Append(KeyValuePair.Create("Row", typeof(Row)))
        .Append(KeyValuePair.Create("GenericRow", typeof(GenericRow)))
        .ToDictionary(StringComparer.Ordinal);

    private static readonly Dictionary<Type, string> ByType = ByName.ToDictionary(static pair => pair.Value, static pair => pair.Key);

    private static readonly Type[] Funcs =
    [
        typeof(Func<>), typeof(Func<,>), typeof(Func<,,>), typeof(Func<,,,>), typeof(Func<,,,,>), typeof(Func<,,,,,>), typeof(Func<,,,,,,>), typeof(Func<,,,,,,,>),
        typeof(Func<,,,,,,,,>), typeof(Func<,,,,,,,,,>), typeof(Func<,,,,,,,,,,>),
    ];

    /// <summary>The word of a type.</summary>
    public static string NameOf(Type type)
    {
        if (ByType.TryGetValue(type, out var name)) return name;
        if (type.IsSZArray) return NameOf(type.GetElementType()!) + "[]";
        var arguments = type.GetGenericArguments();
        return arguments.Length == 1 ? $"{ListStart}{NameOf(arguments[0])}>" : $"{MapStart}{NameOf(arguments[0])},{NameOf(arguments[1])}>";
    }

    /// <summary>The type of a word.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out Type? type)
    {
        var rest = name.AsSpan();
        type = Read(ref rest);
        if (!rest.IsEmpty) type = null;
        return type is not null;
    }

    /// <summary>Reads the type that the text begins with, and leaves what follows it.</summary>
    private static Type? Read(ref ReadOnlySpan<char> text)
    {
        Type? type;
        if (Skip(ref text, ListStart)) type = Read(ref text) is { } element && Skip(ref text, ">") ? typeof(List<>).MakeGenericType(element) : null;
        else if (Skip(ref text, MapStart)) type = Read(ref text) is { } key && Skip(ref text, ",") && Read(ref text) is { } value && Skip(ref text, ">") ? typeof(Dictionary<,>).MakeGenericType(key, value) : null;
        else
        {
            var end = text.IndexOfAny(",>[");
            var word = end < 0 ? text : text[..end];
            if (word is "byte" && text.StartsWith("byte[]")) word = "byte[]";
            text = text[word.Length..];
            type = ByName.GetValueOrDefault(word.ToString());
        }
        while (type is not null && Skip(ref text, "[]")) type = type.MakeArrayType();
        return type;
    }

    private static bool Skip(ref ReadOnlySpan<char> text, string start)
    {
        if (!text.StartsWith(start, StringComparison.Ordinal)) return false;
        text = text[start.Length..];
        return true;
    }

    /// <summary>The delegate type of a signature: parameters, then the result.</summary>
    public static Type Func(IReadOnlyList<Type> types) => Funcs[types.Count - 1].MakeGenericType([.. types]);
}
