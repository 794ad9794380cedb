namespace Pipeline.Engine.Sql.Engines;

/// <summary>The engine said no. The message begins with what is wrong in one line; the rest is in the properties.</summary>
public class EngineException : Exception
{
    /// <summary>An error with nothing but its sentence.</summary>
    public EngineException(string message) : base(message)
    {
    }

    /// <summary>An error with what caused it.</summary>
    public EngineException(string message, Exception? inner) : base(message, inner)
    {
    }

    /// <summary>Spark's error class, such as <c>TABLE_OR_VIEW_NOT_FOUND</c>, or null where the engine gives none.</summary>
    public string? ErrorClass { get; init; }

    /// <summary>The five characters of SQLSTATE, such as <c>42P01</c>, or null.</summary>
    public string? SqlState { get; init; }

    /// <summary>The exception's class on the engine's side, such as <c>org.apache.spark.sql.AnalysisException</c>, or null.</summary>
    public string? RemoteClass { get; init; }

    /// <summary>The stack on the engine's side, or null.</summary>
    public string? RemoteStackTrace { get; init; }

    /// <summary>Where a C# function of the query failed: the function, the partition and row where known, and the .NET stack. Null for any other error.</summary>
    public string? UserStackTrace { get; init; }

    /// <summary>Whether the same call may succeed later with nothing changed (lost connection, full disk, conflict).</summary>
    public bool IsTransient { get; init; }
}
