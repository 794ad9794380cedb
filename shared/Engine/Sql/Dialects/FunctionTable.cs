using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

/// <summary>Every function and operator that the plan knows. To add one: an entry in the file of its chapter, a method in <see cref="Functions"/>, a line in the tests.</summary>
internal static partial class FunctionTable
{
    private static readonly DataType String = new StringType();
    private static readonly DataType Binary = new BinaryType();
    private static readonly DataType Boolean = new BooleanType();
    private static readonly DataType Integer = new IntegerType();
    private static readonly DataType Long = new LongType();
    private static readonly DataType Double = new DoubleType();
    private static readonly DataType Date = new DateType();
    private static readonly DataType Timestamp = new TimestampType();

    private static readonly Dictionary<string, Function> ByName = All().ToDictionary(function => function.Name, StringComparer.Ordinal);

    /// <summary>Names of all, for the docs and the tests.</summary>
    public static IEnumerable<string> Names => ByName.Keys.Order(StringComparer.Ordinal);

    public static bool Knows(string name) => ByName.ContainsKey(name);

    public static Function Find(string name) => ByName.TryGetValue(name, out var function)
        ? function
        : throw new NotSupportedException($"The function '{name}' is not in the table. Call it by CallFunction(\"{name}\", …), which hands it to the engine as it is.");

    private static IEnumerable<Function> All() =>
    [
        .. Operators(), .. Conditions(), .. Aggregates(), .. Statistics(), .. Mathematics(), .. Texts(), .. Patterns(), .. Encodings(),
        .. Dates(), .. Instants(), .. Arrays(), .. HigherOrder(), .. Structures(), .. Json(), .. Windows(),
    ];

    private static Func<Call, DataType?> Is(DataType type) => _ => type;

    /// <summary>The type of an argument.</summary>
    private static Func<Call, DataType?> Of(int index) => call => call.Arguments[index].Type;

    private static DataType? CommonOf(Call call) => Typing.Common([.. call.Arguments.Select(argument => argument.Type)]);

    private static DataType? ElementOf(Call call) => call.Arguments[0].Type switch
    {
        ArrayType array => array.ElementType,
        MapType map => map.ValueType,
        _ => null,
    };

    private static DataType? ArrayOfElement(Call call) => call.Arguments[0].Type is { } type ? new ArrayType(type, false) : null;

    private static Function Both(string name, string signature, Func<Call, DataType?> returns, Spelling spelling) => new(name, signature, returns, spelling, spelling);

    private static Function Aggregate(string name, string signature, Func<Call, DataType?> returns, Spelling spark, Spelling? duckDb = null) =>
        new(name, signature, returns, spark, duckDb ?? spark) { Kind = FunctionKind.Aggregate };
}
