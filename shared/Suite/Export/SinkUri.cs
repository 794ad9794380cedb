namespace Pipeline.Suite.Export;

/// <summary>Kinds of sink.</summary>
public enum SinkKind
{
    /// <summary>A SQLite file.</summary>
    Sqlite,

    /// <summary>A PostgreSQL database.</summary>
    Postgres,
}

/// <summary>Where metrics go: <c>sqlite:PATH</c>, <c>postgres:Host=…;Database=…</c>, or <c>postgres://user@host:port/database?sslmode=verify-full</c>.</summary>
/// <param name="Kind">SQLite or PostgreSQL.</param>
/// <param name="Target">SQLite's path, or PostgreSQL's connection string or URI; never with a password.</param>
public sealed record SinkUri(SinkKind Kind, string Target)
{
    private const string Expected = "Expected sqlite:PATH, postgres://USER@HOST:PORT/DATABASE or postgres:Host=…;Database=…;Username=….";

    /// <summary>Reads the text of an address.</summary>
    /// <exception cref="ExportException">It is no address of a sink, or a password stands in it.</exception>
    public static SinkUri Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var scheme = colon < 0 ? "" : text[..colon].ToLowerInvariant();
        var rest = text[(colon + 1)..];
        switch (scheme)
        {
            case "sqlite":
                if (rest.StartsWith("///", StringComparison.Ordinal)) rest = rest[2..];
                if (rest.Length == 0) throw new ExportException(ExportFailure.Configuration, $"The sink '{text}' names no file. {Expected}");
                return new SinkUri(SinkKind.Sqlite, rest);
            case "postgres" or "postgresql":
                var target = rest.StartsWith("//", StringComparison.Ordinal) ? "postgresql:" + rest : rest;
                if (target.Length == 0) throw new ExportException(ExportFailure.Configuration, $"The sink '{text}' names no database. {Expected}");
                Postgres.PostgresAddress.Check(target);
                return new SinkUri(SinkKind.Postgres, target);
            default:
                // The text is not repeated: it may hold a password under an unknown scheme.
                throw new ExportException(ExportFailure.Configuration, $"The sink's address begins with '{(scheme.Length == 0 ? "no scheme" : scheme + ":")}', which is none that is known. {Expected}");
        }
    }

    /// <summary>The address as it is given on the command line.</summary>
    public override string ToString() => Kind == SinkKind.Sqlite ? $"sqlite:{Target}" : Target.StartsWith("postgresql:", StringComparison.Ordinal) ? Target : $"postgres:{Target}";
}
