using System.Collections.Immutable;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Sql.Plan;

namespace Pipeline.Engine.Sql;

// C# functions.
public static partial class Functions
{
    /// <summary>A C# function without arguments as a function over columns.</summary>
    public static Func<Column> Udf<TResult>(Func<TResult> udf, UdfOptions? options = null)
    {
        var function = UserFunction.Of(udf, options);
        return () => Of(function);
    }

    /// <summary>A C# function of 1 argument as a function over columns. It runs on both engines; nothing has to be installed on a cluster.</summary>
    /// <param name="udf">A static method, a lambda, or a lambda that captures values of simple types (numbers, text, dates and arrays of them), which are copied when the function is first used in a query.</param>
    /// <param name="options">Name, determinism and column types, where the signature does not tell them.</param>
    /// <exception cref="ArgumentException">A parameter or the result has a .NET type that no column has.</exception>
    public static Func<Column, Column> Udf<T1, TResult>(Func<T1, TResult> udf, UdfOptions? options = null)
    {
        var function = UserFunction.Of(udf, options);
        return c1 => Of(function, c1);
    }

    /// <summary>A C# function of 2 arguments as a function over columns.</summary>
    public static Func<Column, Column, Column> Udf<T1, T2, TResult>(Func<T1, T2, TResult> udf, UdfOptions? options = null)
    {
        var function = UserFunction.Of(udf, options);
        return (c1, c2) => Of(function, c1, c2);
    }

    /// <summary>A C# function of 3 arguments as a function over columns.</summary>
    public static Func<Column, Column, Column, Column> Udf<T1, T2, T3, TResult>(Func<T1, T2, T3, TResult> udf, UdfOptions? options = null)
    {
        var function = UserFunction.Of(udf, options);
        return (c1, c2, c3) => Of(function, c1, c2, c3);
    }

    /// <summary>A C# function of 4 arguments as a function over columns.</summary>
    public static Func<Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, TResult>(Func<T1, T2, T3, T4, TResult> udf, UdfOptions? options = null)
    {
        var function = UserFunction.Of(udf, options);
        return (c1, c2, c3, c4) => Of(function, c1, c2, c3, c4);
    }

    /// <summary>A C# function of 5 arguments as a function over columns.</summary>
    public static Func<Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5, TResult>(Func<T1, T2, T3, T4, T5, TResult> udf, UdfOptions? options = null)
    {
        var function = UserFunction.Of(udf, options);
        return (c1, c2, c3, c4, c5) => Of(function, c1, c2, c3, c4, c5);
    }

    /// <summary>A C# function of 6 arguments as a function over columns.</summary>
    public static Func<Column, Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5, T6, TResult>(Func<T1, T2, T3, T4, T5, T6, TResult> udf, UdfOptions? options = null)
    {
        var function = UserFunction.Of(udf, options);
        return (c1, c2, c3, c4, c5, c6) => Of(function, c1, c2, c3, c4, c5, c6);
    }

    /// <summary>A C# function of 7 arguments as a function over columns.</summary>
    public static Func<Column, Column, Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5, T6, T7, TResult>(Func<T1, T2, T3, T4, T5, T6, T7, TResult> udf, UdfOptions? options = null)
    {
        var function = UserFunction.Of(udf, options);
        return (c1, c2, c3, c4, c5, c6, c7) => Of(function, c1, c2, c3, c4, c5, c6, c7);
    }

    /// <summary>A C# function of 8 arguments as a function over columns.</summary>
    public static Func<Column, Column, Column, Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5, T6, T7, T8, TResult>(Func<T1, T2, T3, T4, T5, T6, T7, T8, TResult> udf, UdfOptions? options = null)
    {
        var function = UserFunction.Of(udf, options);
        return (c1, c2, c3, c4, c5, c6, c7, c8) => Of(function, c1, c2, c3, c4, c5, c6, c7, c8);
    }

    /// <summary>A C# function of 9 arguments as a function over columns.</summary>
    public static Func<Column, Column, Column, Column, Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5, T6, T7, T8, T9, TResult>(Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, TResult> udf, UdfOptions? options = null)
    {
        var function = UserFunction.Of(udf, options);
        return (c1, c2, c3, c4, c5, c6, c7, c8, c9) => Of(function, c1, c2, c3, c4, c5, c6, c7, c8, c9);
    }

    /// <summary>A C# function of 10 arguments as a function over columns.</summary>
    public static Func<Column, Column, Column, Column, Column, Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, TResult>(Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, TResult> udf, UdfOptions? options = null)
    {
        var function = UserFunction.Of(udf, options);
        return (c1, c2, c3, c4, c5, c6, c7, c8, c9, c10) => Of(function, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10);
    }

    /// <summary>A function that <see cref="UdfRegistration"/> registered, by its name.</summary>
    public static Column CallUDF(string udfName, params Column[] columns) => CallFunction(udfName, columns);

    internal static Column Of(UserFunction function, params ReadOnlySpan<Column> arguments)
    {
        var nodes = ImmutableArray.CreateBuilder<Expr>(arguments.Length);
        foreach (var argument in arguments) nodes.Add(argument.Node);
        return new Column(new UserCall(function, nodes.ToImmutable()));
    }
}
