using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql;

// Functions that answer rows.
public sealed partial class UdfRegistration
{
    /// <summary>Registers a C# function of no arguments that answers a row; its column is a struct.</summary>
    public Func<Column> Register(string name, Func<Row> f, StructType returnType) => Register<Row>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 1 argument that answers a row; its column is a struct.</summary>
    public Func<Column, Column> Register<T1>(string name, Func<T1, Row> f, StructType returnType) => Register<T1, Row>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 2 arguments that answers a row; its column is a struct.</summary>
    public Func<Column, Column, Column> Register<T1, T2>(string name, Func<T1, T2, Row> f, StructType returnType) => Register<T1, T2, Row>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 3 arguments that answers a row; its column is a struct.</summary>
    public Func<Column, Column, Column, Column> Register<T1, T2, T3>(string name, Func<T1, T2, T3, Row> f, StructType returnType) => Register<T1, T2, T3, Row>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 4 arguments that answers a row; its column is a struct.</summary>
    public Func<Column, Column, Column, Column, Column> Register<T1, T2, T3, T4>(string name, Func<T1, T2, T3, T4, Row> f, StructType returnType) => Register<T1, T2, T3, T4, Row>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 5 arguments that answers a row; its column is a struct.</summary>
    public Func<Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5>(string name, Func<T1, T2, T3, T4, T5, Row> f, StructType returnType) => Register<T1, T2, T3, T4, T5, Row>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 6 arguments that answers a row; its column is a struct.</summary>
    public Func<Column, Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5, T6>(string name, Func<T1, T2, T3, T4, T5, T6, Row> f, StructType returnType) => Register<T1, T2, T3, T4, T5, T6, Row>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 7 arguments that answers a row; its column is a struct.</summary>
    public Func<Column, Column, Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5, T6, T7>(string name, Func<T1, T2, T3, T4, T5, T6, T7, Row> f, StructType returnType) => Register<T1, T2, T3, T4, T5, T6, T7, Row>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 8 arguments that answers a row; its column is a struct.</summary>
    public Func<Column, Column, Column, Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5, T6, T7, T8>(string name, Func<T1, T2, T3, T4, T5, T6, T7, T8, Row> f, StructType returnType) => Register<T1, T2, T3, T4, T5, T6, T7, T8, Row>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 9 arguments that answers a row; its column is a struct.</summary>
    public Func<Column, Column, Column, Column, Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5, T6, T7, T8, T9>(string name, Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, Row> f, StructType returnType) => Register<T1, T2, T3, T4, T5, T6, T7, T8, T9, Row>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 10 arguments that answers a row; its column is a struct.</summary>
    public Func<Column, Column, Column, Column, Column, Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(string name, Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, Row> f, StructType returnType) => Register<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, Row>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of no arguments that answers a row of values; its column is a struct.</summary>
    public Func<Column> Register(string name, Func<GenericRow> f, StructType returnType) => Register<GenericRow>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 1 argument that answers a row of values; its column is a struct.</summary>
    public Func<Column, Column> Register<T1>(string name, Func<T1, GenericRow> f, StructType returnType) => Register<T1, GenericRow>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 2 arguments that answers a row of values; its column is a struct.</summary>
    public Func<Column, Column, Column> Register<T1, T2>(string name, Func<T1, T2, GenericRow> f, StructType returnType) => Register<T1, T2, GenericRow>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 3 arguments that answers a row of values; its column is a struct.</summary>
    public Func<Column, Column, Column, Column> Register<T1, T2, T3>(string name, Func<T1, T2, T3, GenericRow> f, StructType returnType) => Register<T1, T2, T3, GenericRow>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 4 arguments that answers a row of values; its column is a struct.</summary>
    public Func<Column, Column, Column, Column, Column> Register<T1, T2, T3, T4>(string name, Func<T1, T2, T3, T4, GenericRow> f, StructType returnType) => Register<T1, T2, T3, T4, GenericRow>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 5 arguments that answers a row of values; its column is a struct.</summary>
    public Func<Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5>(string name, Func<T1, T2, T3, T4, T5, GenericRow> f, StructType returnType) => Register<T1, T2, T3, T4, T5, GenericRow>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 6 arguments that answers a row of values; its column is a struct.</summary>
    public Func<Column, Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5, T6>(string name, Func<T1, T2, T3, T4, T5, T6, GenericRow> f, StructType returnType) => Register<T1, T2, T3, T4, T5, T6, GenericRow>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 7 arguments that answers a row of values; its column is a struct.</summary>
    public Func<Column, Column, Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5, T6, T7>(string name, Func<T1, T2, T3, T4, T5, T6, T7, GenericRow> f, StructType returnType) => Register<T1, T2, T3, T4, T5, T6, T7, GenericRow>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 8 arguments that answers a row of values; its column is a struct.</summary>
    public Func<Column, Column, Column, Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5, T6, T7, T8>(string name, Func<T1, T2, T3, T4, T5, T6, T7, T8, GenericRow> f, StructType returnType) => Register<T1, T2, T3, T4, T5, T6, T7, T8, GenericRow>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 9 arguments that answers a row of values; its column is a struct.</summary>
    public Func<Column, Column, Column, Column, Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5, T6, T7, T8, T9>(string name, Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, GenericRow> f, StructType returnType) => Register<T1, T2, T3, T4, T5, T6, T7, T8, T9, GenericRow>(name, f, new UdfOptions { ReturnType = returnType });

    /// <summary>Registers a C# function of 10 arguments that answers a row of values; its column is a struct.</summary>
    public Func<Column, Column, Column, Column, Column, Column, Column, Column, Column, Column, Column> Register<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(string name, Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, GenericRow> f, StructType returnType) => Register<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, GenericRow>(name, f, new UdfOptions { ReturnType = returnType });
}
