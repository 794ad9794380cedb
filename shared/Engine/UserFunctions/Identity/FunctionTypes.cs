using System.Diagnostics.CodeAnalysis;

namespace Pipeline.Engine.UserFunctions.Identity;

/// <summary>The .NET types that a command may name, each by a fixed word: no other type can be named, and none is looked up.</summary>
internal static class FunctionTypes
{
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
        .ToDictionary(StringComparer.Ordinal);

    private static readonly Dictionary<Type, string> ByType = ByName.ToDictionary(static pair => pair.Value, static pair => pair.Key);

    private static readonly Type[] Funcs =
    [
        typeof(Func<>), typeof(Func<,>), typeof(Func<,,>), typeof(Func<,,,>), typeof(Func<,,,,>), typeof(Func<,,,,,>), typeof(Func<,,,,,,>), typeof(Func<,,,,,,,>),
        typeof(Func<,,,,,,,,>), typeof(Func<,,,,,,,,,>), typeof(Func<,,,,,,,,,,>),
    ];

    /// <summary>The word of a type.</summary>
    public static string NameOf(Type type) => ByType[type];

    /// <summary>The type of a word.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out Type? type) => ByName.TryGetValue(name, out type);

    /// <summary>The delegate type of a signature: parameters, then the result.</summary>
    public static Type Func(IReadOnlyList<Type> types) => Funcs[types.Count - 1].MakeGenericType([.. types]);
}
