using System.Buffers.Binary;
using System.Text;

namespace Pipeline.Engine.UserFunctions.Worker;

/// <summary>Writes Spark's worker protocol.</summary>
internal sealed class WireWriter(Stream stream)
{
    /// <summary>The bytes go here.</summary>
    public Stream Stream => stream;

    public void Write(int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        stream.Write(bytes);
    }

    public void Write(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        stream.Write(bytes);
    }

    public void Write(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        Write(bytes.Length);
        stream.Write(bytes);
    }

    public void Flush() => stream.Flush();
}

/// <summary>Numbers that stand where a length would, and mean something else.</summary>
/// <remarks>Source: Spark, <c>org.apache.spark.api.python.SpecialLengths</c>.</remarks>
internal static class Marks
{
    public const int EndOfData = -1;
    public const int Exception = -2;
    public const int Timing = -3;
    public const int EndOfStream = -4;
    public const int StartArrow = -6;
}

/// <summary>Kinds of task.</summary>
/// <remarks>Source: Spark, <c>org.apache.spark.api.python.PythonEvalType</c>.</remarks>
public static class EvalTypes
{
    /// <summary>Columns in, a column of the same length out (SQL_SCALAR_PANDAS_UDF).</summary>
    public const int Scalar = 200;

    /// <summary>All rows of a group in, any number of rows out (SQL_GROUPED_MAP_PANDAS_UDF).</summary>
    public const int Group = 201;

    /// <summary>The rows of a partition in, any number of rows out (SQL_MAP_ARROW_ITER_UDF).</summary>
    public const int Partition = 207;

    /// <summary>The kinds that a worker serves.</summary>
    public static bool IsKnown(int type) => type is Scalar or Group or Partition;
}
