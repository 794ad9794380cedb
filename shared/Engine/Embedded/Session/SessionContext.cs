using System.Collections.Concurrent;
using System.Globalization;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Delta;
using Pipeline.Engine.Embedded.Streaming;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Session;

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

    /// <summary>The session that this one sees the views of, or null.</summary>
    public SessionContext? Parent { get; init; }

    /// <summary>Looks after tables beside what the session does, or null where each write does it itself.</summary>
    public TableMaintenance? Upkeep { get; private set; }

    public ConnectionPool Connections { get; }

    /// <summary>The schema that new views and tables go to.</summary>
    public string Schema { get; }

    public ConcurrentDictionary<string, string> Conf { get; }

    /// <summary>Texts of the session's views by name.</summary>
    public ConcurrentDictionary<string, string> Views { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A view that shows a Delta table as it then is, whenever it is read: one for each form that its columns have had, however often it is opened.</summary>
    public SourceView Follow(DeltaLog log, Snapshot snapshot, Func<SourceView> make)
    {
        lock (followed)
        {
            foreach (var (name, table) in followed)
                if (ReferenceEquals(table.Log, log) && table.Columns.Equals(snapshot.Mapping.Schema)) return new SourceView(name, table.Columns, false);
            var view = make();
            followed[view.Name] = new Followed(log, snapshot);
            return view;
        }
    }

    /// <summary>Brings views of Delta tables that a query reads, itself or through other views, up to date.</summary>
    public void Refresh(string sql)
    {
        Parent?.Refresh(sql);
        if (followed.IsEmpty) return;
        foreach (var name in Reads(sql))
        {
            if (!followed.TryGetValue(name, out var table)) continue;
            lock (table)
            {
                var now = EngineErrors.Wait(table.Log.LoadExistingAsync());
                if (now.Version == table.Snapshot.Version && ReferenceEquals(now.Metadata, table.Snapshot.Metadata)) continue;
                // Columns stay as the reader's plan has them; new ones are seen by those who open the table again.
                var columns = string.Join(", ", table.Columns.Select(field => DuckDbTypes.Quote(field.Name)));
                Execute($"CREATE OR REPLACE VIEW {Qualified(name)} AS SELECT {columns} FROM ({DeltaScan.Query(Database.Tables, table.Log, now)})");
                table.Snapshot = now;
            }
        }
    }

    /// <summary>Names of all tables and views that a query reads, through views too.</summary>
    public IReadOnlySet<string> Reads(string sql)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var open = new Queue<string>(Database.TableNames(sql));
        while (open.TryDequeue(out var name))
        {
            if (!seen.Add(name)) continue;
            if (ViewText(name) is { } text)
                foreach (var deeper in Database.TableNames(text)) open.Enqueue(deeper);
        }
        return seen;
    }

    private readonly ConcurrentDictionary<string, Followed> followed = new(StringComparer.OrdinalIgnoreCase);

    private sealed class Followed(DeltaLog log, Snapshot snapshot)
    {
        public DeltaLog Log { get; } = log;

        /// <summary>As they were when it was opened.</summary>
        public StructType Columns { get; } = snapshot.Mapping.Schema;

        public Snapshot Snapshot { get; set; } = snapshot;
    }

    /// <summary>Keeps a stream under the name of the empty table that stands for it in plans.</summary>
    public SourceView AddStream(IStreamSource source)
    {
        var name = NewName("stream");
        Execute($"CREATE TABLE {Qualified(name)} ({DuckDbTypes.ToColumns(source.Schema)})");
        streams[name] = source;
        return new SourceView(name, source.Schema, true);
    }

    /// <summary>The stream of this name, or null.</summary>
    public IStreamSource? Stream(string name) => streams.TryGetValue(name, out var source) ? source : Parent?.Stream(name);

    /// <summary>The query of a view of this name, or null.</summary>
    public string? ViewText(string name) => Views.TryGetValue(name, out var text) ? text : Parent?.ViewText(name);

    private readonly ConcurrentDictionary<string, IStreamSource> streams = new(StringComparer.OrdinalIgnoreCase);

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

    /// <summary>From here on writes leave the upkeep of tables to a thread of its own, which ends with the session.</summary>
    public void UseUpkeep() => Upkeep = new TableMaintenance(this);

    /// <summary>Ends the upkeep of tables, which needs the session's connections and schema; a session within another one takes its schema along.</summary>
    public void Dispose()
    {
        Upkeep?.Dispose();
        if (Parent is not null) Execute($"DROP SCHEMA IF EXISTS {DuckDbTypes.Quote(Schema)} CASCADE");
        Connections.Dispose();
        if (ownsDatabase) Database.Dispose();
    }
}
