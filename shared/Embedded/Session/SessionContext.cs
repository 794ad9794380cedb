using System.Collections.Concurrent;
using System.Globalization;
using Pipeline.Sql.Engine;
using Pipeline.Sql.Types;

namespace Pipeline.Embedded.Session;

/// <summary>What the parts of one session share: the database, its connections, names, settings. Thread-safe.</summary>
internal sealed class SessionContext : IDisposable
{
    private static long nextName;
    private readonly bool ownsDatabase;

    public SessionContext(Database database, string? schema, IReadOnlyDictionary<string, string> conf, bool ownsDatabase)
    {
        Database = database;
        Schema = schema ?? "main";
        this.ownsDatabase = ownsDatabase;
        Connections = new ConnectionPool(database, schema);
        Conf = new ConcurrentDictionary<string, string>(conf, StringComparer.OrdinalIgnoreCase);
    }

    public Database Database { get; }

    public ConnectionPool Connections { get; }

    /// <summary>The schema that new views and tables go to.</summary>
    public string Schema { get; }

    public ConcurrentDictionary<string, string> Conf { get; }

    /// <summary>Texts of the session's views by name.</summary>
    public ConcurrentDictionary<string, string> Views { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A name that nothing else in the process has.</summary>
    public static string NewName(string prefix) => string.Create(CultureInfo.InvariantCulture, $"__{prefix}_{Interlocked.Increment(ref nextName)}");

    /// <summary>A name with the session's schema, as an identifier.</summary>
    public string Qualified(string name) => $"{DuckDbTypes.Quote(Schema)}.{DuckDbTypes.Quote(name)}";

    public void Execute(string sql, CancellationToken cancellationToken = default)
    {
        using var lease = Connections.Rent();
        lease.Connection.Execute(sql, cancellationToken);
    }

    public StructType Describe(string sql)
    {
        using var lease = Connections.Rent();
        return lease.Connection.Describe(sql);
    }

    /// <summary>Makes a view of a query and answers it as a source.</summary>
    public SourceView MakeView(string prefix, string sql, StructType? schema, bool isStreaming = false)
    {
        var name = NewName(prefix);
        Execute($"CREATE VIEW {Qualified(name)} AS {sql}");
        return new SourceView(name, schema ?? Describe($"FROM {Qualified(name)}"), isStreaming);
    }

    public void Dispose()
    {
        Connections.Dispose();
        if (ownsDatabase) Database.Dispose();
    }
}
