namespace Pipeline.Engine.UserFunctions.Calls;

/// <summary>Calls a delegate for each row of arrays: one closed class a signature, so that the loop has neither boxing nor reflection.</summary>
internal abstract class Invoker
{
    private static readonly Type[] ByCount =
    [
        typeof(Invoker<>),
        typeof(Invoker<,>),
        typeof(Invoker<,,>),
        typeof(Invoker<,,,>),
        typeof(Invoker<,,,,>),
        typeof(Invoker<,,,,,>),
        typeof(Invoker<,,,,,,>),
        typeof(Invoker<,,,,,,,>),
        typeof(Invoker<,,,,,,,,>),
        typeof(Invoker<,,,,,,,,,>),
        typeof(Invoker<,,,,,,,,,,>),
    ];

    /// <summary>The invoker of a <c>Func</c> of at most ten parameters.</summary>
    public static Invoker Of(Delegate function)
    {
        var types = function.GetType().GetGenericArguments();
        return (Invoker)Activator.CreateInstance(ByCount[types.Length - 1].MakeGenericType(types), function)!;
    }

    /// <summary>Calls it for the rows that are not skipped.</summary>
    /// <param name="arguments">An array of the parameter's very type for each parameter.</param>
    /// <param name="skip">The rows that are answered without a call.</param>
    /// <param name="results">An array of the result's very type.</param>
    /// <param name="row">The row that is called, for a caller that catches.</param>
    public abstract void Invoke(Array[] arguments, ReadOnlySpan<bool> skip, Array results, ref int row);
}

internal sealed class Invoker<TResult>(Func<TResult> function) : Invoker
{
    public override void Invoke(Array[] arguments, ReadOnlySpan<bool> skip, Array results, ref int row)
    {
        var to = (TResult[])results;
        for (row = 0; row < skip.Length; row++)
            if (!skip[row]) to[row] = function();
    }
}

internal sealed class Invoker<T1, TResult>(Func<T1, TResult> function) : Invoker
{
    public override void Invoke(Array[] arguments, ReadOnlySpan<bool> skip, Array results, ref int row)
    {
        var to = (TResult[])results;
        var a1 = (T1[])arguments[0];
        for (row = 0; row < skip.Length; row++)
            if (!skip[row]) to[row] = function(a1[row]);
    }
}

internal sealed class Invoker<T1, T2, TResult>(Func<T1, T2, TResult> function) : Invoker
{
    public override void Invoke(Array[] arguments, ReadOnlySpan<bool> skip, Array results, ref int row)
    {
        var to = (TResult[])results;
        var a1 = (T1[])arguments[0];
        var a2 = (T2[])arguments[1];
        for (row = 0; row < skip.Length; row++)
            if (!skip[row]) to[row] = function(a1[row], a2[row]);
    }
}

internal sealed class Invoker<T1, T2, T3, TResult>(Func<T1, T2, T3, TResult> function) : Invoker
{
    public override void Invoke(Array[] arguments, ReadOnlySpan<bool> skip, Array results, ref int row)
    {
        var to = (TResult[])results;
        var a1 = (T1[])arguments[0];
        var a2 = (T2[])arguments[1];
        var a3 = (T3[])arguments[2];
        for (row = 0; row < skip.Length; row++)
            if (!skip[row]) to[row] = function(a1[row], a2[row], a3[row]);
    }
}

internal sealed class Invoker<T1, T2, T3, T4, TResult>(Func<T1, T2, T3, T4, TResult> function) : Invoker
{
    public override void Invoke(Array[] arguments, ReadOnlySpan<bool> skip, Array results, ref int row)
    {
        var to = (TResult[])results;
        var a1 = (T1[])arguments[0];
        var a2 = (T2[])arguments[1];
        var a3 = (T3[])arguments[2];
        var a4 = (T4[])arguments[3];
        for (row = 0; row < skip.Length; row++)
            if (!skip[row]) to[row] = function(a1[row], a2[row], a3[row], a4[row]);
    }
}

internal sealed class Invoker<T1, T2, T3, T4, T5, TResult>(Func<T1, T2, T3, T4, T5, TResult> function) : Invoker
{
    public override void Invoke(Array[] arguments, ReadOnlySpan<bool> skip, Array results, ref int row)
    {
        var to = (TResult[])results;
        var a1 = (T1[])arguments[0];
        var a2 = (T2[])arguments[1];
        var a3 = (T3[])arguments[2];
        var a4 = (T4[])arguments[3];
        var a5 = (T5[])arguments[4];
        for (row = 0; row < skip.Length; row++)
            if (!skip[row]) to[row] = function(a1[row], a2[row], a3[row], a4[row], a5[row]);
    }
}

internal sealed class Invoker<T1, T2, T3, T4, T5, T6, TResult>(Func<T1, T2, T3, T4, T5, T6, TResult> function) : Invoker
{
    public override void Invoke(Array[] arguments, ReadOnlySpan<bool> skip, Array results, ref int row)
    {
        var to = (TResult[])results;
        var a1 = (T1[])arguments[0];
        var a2 = (T2[])arguments[1];
        var a3 = (T3[])arguments[2];
        var a4 = (T4[])arguments[3];
        var a5 = (T5[])arguments[4];
        var a6 = (T6[])arguments[5];
        for (row = 0; row < skip.Length; row++)
            if (!skip[row]) to[row] = function(a1[row], a2[row], a3[row], a4[row], a5[row], a6[row]);
    }
}

internal sealed class Invoker<T1, T2, T3, T4, T5, T6, T7, TResult>(Func<T1, T2, T3, T4, T5, T6, T7, TResult> function) : Invoker
{
    public override void Invoke(Array[] arguments, ReadOnlySpan<bool> skip, Array results, ref int row)
    {
        var to = (TResult[])results;
        var a1 = (T1[])arguments[0];
        var a2 = (T2[])arguments[1];
        var a3 = (T3[])arguments[2];
        var a4 = (T4[])arguments[3];
        var a5 = (T5[])arguments[4];
        var a6 = (T6[])arguments[5];
        var a7 = (T7[])arguments[6];
        for (row = 0; row < skip.Length; row++)
            if (!skip[row]) to[row] = function(a1[row], a2[row], a3[row], a4[row], a5[row], a6[row], a7[row]);
    }
}

internal sealed class Invoker<T1, T2, T3, T4, T5, T6, T7, T8, TResult>(Func<T1, T2, T3, T4, T5, T6, T7, T8, TResult> function) : Invoker
{
    public override void Invoke(Array[] arguments, ReadOnlySpan<bool> skip, Array results, ref int row)
    {
        var to = (TResult[])results;
        var a1 = (T1[])arguments[0];
        var a2 = (T2[])arguments[1];
        var a3 = (T3[])arguments[2];
        var a4 = (T4[])arguments[3];
        var a5 = (T5[])arguments[4];
        var a6 = (T6[])arguments[5];
        var a7 = (T7[])arguments[6];
        var a8 = (T8[])arguments[7];
        for (row = 0; row < skip.Length; row++)
            if (!skip[row]) to[row] = function(a1[row], a2[row], a3[row], a4[row], a5[row], a6[row], a7[row], a8[row]);
    }
}

internal sealed class Invoker<T1, T2, T3, T4, T5, T6, T7, T8, T9, TResult>(Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, TResult> function) : Invoker
{
    public override void Invoke(Array[] arguments, ReadOnlySpan<bool> skip, Array results, ref int row)
    {
        var to = (TResult[])results;
        var a1 = (T1[])arguments[0];
        var a2 = (T2[])arguments[1];
        var a3 = (T3[])arguments[2];
        var a4 = (T4[])arguments[3];
        var a5 = (T5[])arguments[4];
        var a6 = (T6[])arguments[5];
        var a7 = (T7[])arguments[6];
        var a8 = (T8[])arguments[7];
        var a9 = (T9[])arguments[8];
        for (row = 0; row < skip.Length; row++)
            if (!skip[row]) to[row] = function(a1[row], a2[row], a3[row], a4[row], a5[row], a6[row], a7[row], a8[row], a9[row]);
    }
}

internal sealed class Invoker<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, TResult>(Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, TResult> function) : Invoker
{
    public override void Invoke(Array[] arguments, ReadOnlySpan<bool> skip, Array results, ref int row)
    {
        var to = (TResult[])results;
        var a1 = (T1[])arguments[0];
        var a2 = (T2[])arguments[1];
        var a3 = (T3[])arguments[2];
        var a4 = (T4[])arguments[3];
        var a5 = (T5[])arguments[4];
        var a6 = (T6[])arguments[5];
        var a7 = (T7[])arguments[6];
        var a8 = (T8[])arguments[7];
        var a9 = (T9[])arguments[8];
        var a10 = (T10[])arguments[9];
        for (row = 0; row < skip.Length; row++)
            if (!skip[row]) to[row] = function(a1[row], a2[row], a3[row], a4[row], a5[row], a6[row], a7[row], a8[row], a9[row], a10[row]);
    }
}
