using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

/// <summary>What kind of rows a function works on.</summary>
internal enum FunctionKind
{
    /// <summary>One row.</summary>
    Scalar,

    /// <summary>All rows of a group or window.</summary>
    Aggregate,

    /// <summary>A row within a window.</summary>
    Window,

    /// <summary>One row, and makes rows.</summary>
    Generator,
}

/// <summary>A function or operator: what it takes, what it answers, how each dialect spells it.</summary>
/// <param name="Name">Spark's name.</param>
/// <param name="Signature">
/// A letter a parameter, the last may be repeated by <c>*</c>: s text, d double, n number (a text becomes double), i int, l long, b boolean, D date, t timestamp, T date or timestamp, x binary, . as it is.
/// </param>
/// <param name="Returns">The result's type, null where an argument's is not known.</param>
/// <param name="Spark">Spark's spelling.</param>
/// <param name="DuckDb">DuckDB's spelling of the same meaning.</param>
internal sealed record Function(string Name, string Signature, Func<Call, DataType?> Returns, Spelling Spark, Spelling DuckDb)
{
    public FunctionKind Kind { get; init; }

    /// <summary>Whether its arguments are compared, so that a text becomes the other's type.</summary>
    public bool Compares { get; init; }

    /// <summary>Whether its arguments all take their common type.</summary>
    public bool SameTypes { get; init; }

    public bool NeverNull { get; init; }

    /// <summary>Whether two calls with the same arguments may differ, so that it must be computed once.</summary>
    public bool IsVolatile { get; init; }

    /// <summary>Refuses a wrong number of arguments.</summary>
    public void CheckCount(int count)
    {
        var isOpen = Signature.EndsWith('*');
        var least = isOpen ? Signature.Length - 2 : Signature.Length;
        if (count < least || (!isOpen && count > least))
            throw new ArgumentException($"'{Name}' takes {(isOpen ? $"{least} arguments or more" : least == 1 ? "1 argument" : $"{least} arguments")}, and {count} {(count == 1 ? "is" : "are")} given.");
    }

    public char? Parameter(int index)
    {
        if (Signature.Length == 0) return null;
        if (index < Signature.Length && Signature[index] != '*') return Signature[index];
        return Signature[^1] == '*' ? Signature[^2] : null;
    }
}
