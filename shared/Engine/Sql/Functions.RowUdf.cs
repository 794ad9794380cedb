using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql;

// C# functions that answer rows. A lambda may not capture a schema, so a GenericRow, which has none, is the easier answer; the values of a Row are taken by their places too.
public static partial class Functions
{
    /// <summary>A C# function of no arguments that answers a row, as a function over columns; its column is a struct.</summary>
    public static Func<Column> Udf(Func<Row> udf, StructType returnType) => Udf<Row>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 1 argument that answers a row, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column> Udf<T1>(Func<T1, Row> udf, StructType returnType) => Udf<T1, Row>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 2 arguments that answers a row, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column> Udf<T1, T2>(Func<T1, T2, Row> udf, StructType returnType) => Udf<T1, T2, Row>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 3 arguments that answers a row, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column, Column> Udf<T1, T2, T3>(Func<T1, T2, T3, Row> udf, StructType returnType) => Udf<T1, T2, T3, Row>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 4 arguments that answers a row, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4>(Func<T1, T2, T3, T4, Row> udf, StructType returnType) => Udf<T1, T2, T3, T4, Row>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 5 arguments that answers a row, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5>(Func<T1, T2, T3, T4, T5, Row> udf, StructType returnType) => Udf<T1, T2, T3, T4, T5, Row>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 6 arguments that answers a row, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5, T6>(Func<T1, T2, T3, T4, T5, T6, Row> udf, StructType returnType) => Udf<T1, T2, T3, T4, T5, T6, Row>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 7 arguments that answers a row, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5, T6, T7>(Func<T1, T2, T3, T4, T5, T6, T7, Row> udf, StructType returnType) => Udf<T1, T2, T3, T4, T5, T6, T7, Row>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 8 arguments that answers a row, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column, Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5, T6, T7, T8>(Func<T1, T2, T3, T4, T5, T6, T7, T8, Row> udf, StructType returnType) => Udf<T1, T2, T3, T4, T5, T6, T7, T8, Row>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 9 arguments that answers a row, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column, Column, Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5, T6, T7, T8, T9>(Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, Row> udf, StructType returnType) => Udf<T1, T2, T3, T4, T5, T6, T7, T8, T9, Row>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 10 arguments that answers a row, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column, Column, Column, Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, Row> udf, StructType returnType) => Udf<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, Row>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of no arguments that answers a row of values, as a function over columns; its column is a struct.</summary>
    public static Func<Column> Udf(Func<GenericRow> udf, StructType returnType) => Udf<GenericRow>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 1 argument that answers a row of values, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column> Udf<T1>(Func<T1, GenericRow> udf, StructType returnType) => Udf<T1, GenericRow>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 2 arguments that answers a row of values, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column> Udf<T1, T2>(Func<T1, T2, GenericRow> udf, StructType returnType) => Udf<T1, T2, GenericRow>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 3 arguments that answers a row of values, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column, Column> Udf<T1, T2, T3>(Func<T1, T2, T3, GenericRow> udf, StructType returnType) => Udf<T1, T2, T3, GenericRow>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 4 arguments that answers a row of values, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4>(Func<T1, T2, T3, T4, GenericRow> udf, StructType returnType) => Udf<T1, T2, T3, T4, GenericRow>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 5 arguments that answers a row of values, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5>(Func<T1, T2, T3, T4, T5, GenericRow> udf, StructType returnType) => Udf<T1, T2, T3, T4, T5, GenericRow>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 6 arguments that answers a row of values, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5, T6>(Func<T1, T2, T3, T4, T5, T6, GenericRow> udf, StructType returnType) => Udf<T1, T2, T3, T4, T5, T6, GenericRow>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 7 arguments that answers a row of values, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5, T6, T7>(Func<T1, T2, T3, T4, T5, T6, T7, GenericRow> udf, StructType returnType) => Udf<T1, T2, T3, T4, T5, T6, T7, GenericRow>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 8 arguments that answers a row of values, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column, Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5, T6, T7, T8>(Func<T1, T2, T3, T4, T5, T6, T7, T8, GenericRow> udf, StructType returnType) => Udf<T1, T2, T3, T4, T5, T6, T7, T8, GenericRow>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 9 arguments that answers a row of values, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column, Column, Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5, T6, T7, T8, T9>(Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, GenericRow> udf, StructType returnType) => Udf<T1, T2, T3, T4, T5, T6, T7, T8, T9, GenericRow>(udf, new UdfOptions { ReturnType = returnType });

    /// <summary>A C# function of 10 arguments that answers a row of values, as a function over columns; its column is a struct.</summary>
    public static Func<Column, Column, Column, Column, Column, Column, Column, Column, Column, Column, Column> Udf<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, GenericRow> udf, StructType returnType) => Udf<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, GenericRow>(udf, new UdfOptions { ReturnType = returnType });
}
