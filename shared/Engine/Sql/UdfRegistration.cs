using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Sql;

/// <summary>Gives C# functions names that <see cref="SparkSession.Sql"/>, <see cref="Functions.Expr"/> and <see cref="Functions.CallUDF"/> call them by.</summary>
/// <remarks>
/// The names are the session's; a later function of the same name replaces the earlier one. Every overload answers what <c>Functions.Udf</c> answers.
/// In SQL text Spark does not convert arguments to the parameters' types: a number that is too narrow is widened, and any other type is an error. Write a CAST there.
/// </remarks>
public sealed partial class UdfRegistration
{
    private readonly SparkSession session;

    internal UdfRegistration(SparkSession session) => this.session = session;

    /// <summary>Registers a C# function without arguments.</summary>
    public Func<Column> Register<TResult>(string name, Func<TResult> f, UdfOptions? options = null)
    {
        var function = Named(name, f, options);
        return () => Functions.Of(function);
    }

    /// <summary>Registers a C# function of 1 argument.</summary>
    public Func<Column, Column> Register<T1, TResult>(string name, Func<T1, TResult> f, UdfOptions? options = null)
    {
        var function = Named(name, f, options);
        return c1 => Functions.Of(function, c1);
    }

    /// <summary>Registers a C# function of 2 arguments.</summary>
    public Func<Column, Column, Column> Register<T1, T2, TResult>(string name, Func<T1, T2, TResult> f, UdfOptions? options = null)
    {
        var function = Named(name, f, options);
        return (c1, c2) => Functions.Of(function, c1, c2);
    }

    /// <summary>Registers a C# function of 3 arguments.</summary>
    public Func<Column, Column, Column, Column> Register<T1, T2, T3, TResult>(string name, Func<T1, T2, T3, TResult> f, UdfOptions? options = null)
    {
        var function = Named(name, f, options);
        return (c1, c2, c3) => Functions.Of(function, c1, c2, c3);
    }

    /// <summary>Registers a C# function of 4 arguments.</summary>
    public Func<Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, TResult>(string name, Func<T1, T2, T3, T4, TResult> f, UdfOptions? options = null)
    {
        var function = Named(name, f, options);
        return (c1, c2, c3, c4) => Functions.Of(function, c1, c2, c3, c4);
    }

    /// <summary>Registers a C# function of 5 arguments.</summary>
    public Func<Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5, TResult>(string name, Func<T1, T2, T3, T4, T5, TResult> f, UdfOptions? options = null)
    {
        var function = Named(name, f, options);
        return (c1, c2, c3, c4, c5) => Functions.Of(function, c1, c2, c3, c4, c5);
    }

    /// <summary>Registers a C# function of 6 arguments.</summary>
    public Func<Column, Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5, T6, TResult>(string name, Func<T1, T2, T3, T4, T5, T6, TResult> f, UdfOptions? options = null)
    {
        var function = Named(name, f, options);
        return (c1, c2, c3, c4, c5, c6) => Functions.Of(function, c1, c2, c3, c4, c5, c6);
    }

    /// <summary>Registers a C# function of 7 arguments.</summary>
    public Func<Column, Column, Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5, T6, T7, TResult>(string name, Func<T1, T2, T3, T4, T5, T6, T7, TResult> f, UdfOptions? options = null)
    {
        var function = Named(name, f, options);
        return (c1, c2, c3, c4, c5, c6, c7) => Functions.Of(function, c1, c2, c3, c4, c5, c6, c7);
    }

    /// <summary>Registers a C# function of 8 arguments.</summary>
    public Func<Column, Column, Column, Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5, T6, T7, T8, TResult>(string name, Func<T1, T2, T3, T4, T5, T6, T7, T8, TResult> f, UdfOptions? options = null)
    {
        var function = Named(name, f, options);
        return (c1, c2, c3, c4, c5, c6, c7, c8) => Functions.Of(function, c1, c2, c3, c4, c5, c6, c7, c8);
    }

    /// <summary>Registers a C# function of 9 arguments.</summary>
    public Func<Column, Column, Column, Column, Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5, T6, T7, T8, T9, TResult>(string name, Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, TResult> f, UdfOptions? options = null)
    {
        var function = Named(name, f, options);
        return (c1, c2, c3, c4, c5, c6, c7, c8, c9) => Functions.Of(function, c1, c2, c3, c4, c5, c6, c7, c8, c9);
    }

    /// <summary>Registers a C# function of 10 arguments.</summary>
    public Func<Column, Column, Column, Column, Column, Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, TResult>(string name, Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, TResult> f, UdfOptions? options = null)
    {
        var function = Named(name, f, options);
        return (c1, c2, c3, c4, c5, c6, c7, c8, c9, c10) => Functions.Of(function, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10);
    }

    private UserFunction Named(string name, Delegate body, UdfOptions? options)
    {
        if (!Plan.SqlText.IsFunctionName(name) || name.Contains('.', StringComparison.Ordinal))
            throw new ArgumentException($"'{name}' is not the name of a function: letters, digits and underscores only, no digit first.", nameof(name));
        var function = UserFunction.Of(body, (options ?? new UdfOptions()) with { Name = options?.Name ?? name });
        session.Engine.NameFunction(name, function);
        return function;
    }
}
