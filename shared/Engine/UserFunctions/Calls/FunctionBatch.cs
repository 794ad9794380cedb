using System.Globalization;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.UserFunctions.Calls;

/// <summary>Calls a C# function for the rows of a batch: columns of arguments in, a column of results out, with the null rule of <see cref="UserFunction"/>.</summary>
/// <remarks>
/// Keeps its arrays from batch to batch. One thread at a time; several instances of one function may run at once.
/// A caller fills <see cref="Arguments"/> and <see cref="ArgumentNulls"/>, calls <see cref="Run"/>, and reads <see cref="Results"/> and <see cref="ResultNulls"/>.
/// </remarks>
public sealed class FunctionBatch
{
    private readonly Slot[] parameters;
    private readonly Slot result;
    private readonly Invoker invoker;
    private readonly Array[] typed;
    private bool[] skipped = [];

    /// <summary>Batches of a function.</summary>
    public FunctionBatch(UserFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        Function = function;
        parameters = [.. function.Parameters.Select(static parameter => Slot.Of(parameter.ClrType))];
        result = Slot.Of(function.Body.GetType().GetMethod("Invoke")!.ReturnType);
        invoker = Invoker.Of(function.Body);
        typed = new Array[parameters.Length];
    }

    /// <summary>The function.</summary>
    public UserFunction Function { get; }

    /// <summary>Number of the row of the batch that the last <see cref="Run"/> stopped at.</summary>
    public int FailedRow { get; private set; }

    /// <summary>The values of a parameter: an array of the bare .NET type (<c>long[]</c> for <c>long?</c> too); what stands where an argument is null does not matter.</summary>
    public Array Arguments(int parameter) => parameters[parameter].Bare;

    /// <summary>Where an argument is null.</summary>
    public bool[] ArgumentNulls(int parameter) => parameters[parameter].Nulls;

    /// <summary>The results as an array of the bare .NET type; undefined where the result is null.</summary>
    public Array Results => result.Bare;

    /// <summary>Where the result is null.</summary>
    public bool[] ResultNulls => result.Nulls;

    /// <summary>Makes room for a batch; call it before the arrays are filled, as it may replace them.</summary>
    public void Reserve(int rows)
    {
        if (rows <= skipped.Length && skipped.Length > 0) return;
        var capacity = Math.Max(rows, 2 * skipped.Length);
        foreach (var parameter in parameters) parameter.Resize(capacity);
        result.Resize(capacity);
        skipped = new bool[capacity];
    }

    /// <summary>Calls the function for each row, but for rows that the null rule answers.</summary>
    /// <exception cref="UserFunctionException">The function threw.</exception>
    public void Run(int rows)
    {
        var skip = skipped.AsSpan(0, rows);
        skip.Clear();
        for (var i = 0; i < parameters.Length; i++)
        {
            if (!Function.Parameters[i].SeesNull) Add(parameters[i].Nulls, skip);
            typed[i] = parameters[i].Prepare(rows);
        }
        var row = 0;
        try
        {
            invoker.Invoke(typed, skip, result.Typed, ref row);
        }
        catch (Exception error)
        {
            FailedRow = row;
            throw new UserFunctionException(Function.Name, string.Create(CultureInfo.InvariantCulture, $"row {row} of the batch"), error);
        }
        result.Collect(skip);
    }

    private static void Add(bool[] nulls, Span<bool> skip)
    {
        for (var row = 0; row < skip.Length; row++) skip[row] |= nulls[row];
    }

    /// <summary>Arrays for one parameter, or for the result.</summary>
    private abstract class Slot
    {
        public abstract Array Bare { get; }

        public abstract Array Typed { get; }

        public bool[] Nulls { get; private set; } = [];

        public static Slot Of(Type type)
        {
            var slot = Nullable.GetUnderlyingType(type) is { } bare ? typeof(NullableSlot<>).MakeGenericType(bare)
                : type.IsValueType ? typeof(ValueSlot<>).MakeGenericType(type)
                : typeof(ReferenceSlot<>).MakeGenericType(type);
            return (Slot)Activator.CreateInstance(slot, nonPublic: true)!;
        }

        public virtual void Resize(int capacity) => Nulls = new bool[capacity];

        /// <summary>The arguments as the delegate takes them.</summary>
        public abstract Array Prepare(int rows);

        /// <summary>The results as the caller takes them.</summary>
        public abstract void Collect(ReadOnlySpan<bool> skipped);
    }

    private sealed class ValueSlot<T> : Slot where T : struct
    {
        private T[] values = [];

        public override Array Bare => values;

        public override Array Typed => values;

        public override void Resize(int capacity)
        {
            base.Resize(capacity);
            values = new T[capacity];
        }

        public override Array Prepare(int rows) => values;

        public override void Collect(ReadOnlySpan<bool> skipped) => skipped.CopyTo(Nulls);
    }

    private sealed class NullableSlot<T> : Slot where T : struct
    {
        private T[] bare = [];
        private T?[] typed = [];

        public override Array Bare => bare;

        public override Array Typed => typed;

        public override void Resize(int capacity)
        {
            base.Resize(capacity);
            (bare, typed) = (new T[capacity], new T?[capacity]);
        }

        public override Array Prepare(int rows)
        {
            for (var row = 0; row < rows; row++) typed[row] = Nulls[row] ? null : bare[row];
            return typed;
        }

        public override void Collect(ReadOnlySpan<bool> skipped)
        {
            for (var row = 0; row < skipped.Length; row++)
            {
                Nulls[row] = skipped[row] || !typed[row].HasValue;
                bare[row] = typed[row].GetValueOrDefault();
            }
        }
    }

    private sealed class ReferenceSlot<T> : Slot where T : class
    {
        private T?[] values = [];

        public override Array Bare => values;

        public override Array Typed => values;

        public override void Resize(int capacity)
        {
            base.Resize(capacity);
            values = new T?[capacity];
        }

        public override Array Prepare(int rows)
        {
            for (var row = 0; row < rows; row++)
                if (Nulls[row]) values[row] = null;
            return values;
        }

        public override void Collect(ReadOnlySpan<bool> skipped)
        {
            for (var row = 0; row < skipped.Length; row++) Nulls[row] = skipped[row] || values[row] is null;
        }
    }
}
