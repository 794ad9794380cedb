using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Sql.Streaming;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql;

/// <summary>A table that is yet to be computed: a plan and the session to run it. Immutable; every method gives a new frame.</summary>
/// <remarks>
/// Names and types are checked where a method is called; nothing runs before an action (Collect, Count, Show, Write …), which runs one SQL text.
/// Upper and lower case of column names are one.
/// </remarks>
public sealed partial class DataFrame
{
    private readonly SourceView? kept;

    internal DataFrame(SparkSession session, PlanNode plan, SourceView? kept = null)
    {
        SparkSession = session;
        Root = plan;
        this.kept = kept;
    }

    /// <summary>The session that runs it.</summary>
    public SparkSession SparkSession { get; }

    internal PlanNode Root { get; }

    /// <summary>The column of this name, bound to this frame, so that it is found in joins too.</summary>
    /// <exception cref="ArgumentException">There is none, or several; the message names those there are.</exception>
    public Column this[string columnName] => Col(columnName);

    /// <summary>The column of this name, bound to this frame, so that it is found in joins too.</summary>
    /// <exception cref="ArgumentException">There is none, or several; the message names those there are.</exception>
    public Column Col(string columnName)
    {
        ArgumentException.ThrowIfNullOrEmpty(columnName);
        if (columnName == "*" || columnName.EndsWith(".*", StringComparison.Ordinal)) return new Column(columnName);
        return new Column(Bind(Scope.Of(Root).Find(columnName)));
    }

    /// <summary>The columns: names, types, nullability.</summary>
    public StructType Schema() => Root.Schema;

    /// <summary>The columns' names.</summary>
    public IReadOnlyList<string> Columns() => [.. Root.Output.Select(column => column.Name)];

    /// <summary>The columns' names and types in Spark's spelling.</summary>
    public IEnumerable<Tuple<string, string>> DTypes() => Root.Output.Select(column => Tuple.Create(column.Name, column.Type.SimpleString));

    /// <summary>Whether it has no end, so that only <see cref="WriteStream"/> runs it.</summary>
    public bool IsStreaming() => Root.IsStreaming;

    /// <summary>Itself.</summary>
    public DataFrame ToDF() => this;

    /// <summary>All columns under new names.</summary>
    public DataFrame ToDF(params string[] colNames)
    {
        ArgumentNullException.ThrowIfNull(colNames);
        if (colNames.Length != Root.Output.Length)
            throw new ArgumentException($"ToDF got {colNames.Length} names for {Root.Output.Length} columns: {string.Join(", ", Columns())}.", nameof(colNames));
        return Projected(Root.Output.Select((column, i) => (Expr)new Aliased(Ref(column), [colNames[i]])));
    }

    /// <summary>The frame under a name, so that its columns are found as <c>name.column</c>.</summary>
    public DataFrame Alias(string alias)
    {
        ArgumentException.ThrowIfNullOrEmpty(alias);
        return With(new AliasNode(Root, alias));
    }

    /// <summary>As <see cref="Alias"/>.</summary>
    public DataFrame As(string alias) => Alias(alias);

    /// <summary>What the function makes of it: <c>frame.Transform(Staging.Typed).Transform(Marts.Daily)</c>.</summary>
    public DataFrame Transform(Func<DataFrame, DataFrame> func)
    {
        ArgumentNullException.ThrowIfNull(func);
        return func(this);
    }

    /// <summary>The text of the query in the engine's SQL.</summary>
    public string ToSql() => Rendering.SqlRenderer.Render(Root, SparkSession.Dialect, SparkSession.Engine.RegisterFunction);

    /// <summary>Makes it readable by name in <see cref="SparkSession.Sql"/>; replaces a view of that name.</summary>
    public void CreateOrReplaceTempView(string viewName) => CreateView(viewName, true);

    /// <summary>Makes it readable by name in <see cref="SparkSession.Sql"/>; fails where the name is taken.</summary>
    public void CreateTempView(string viewName) => CreateView(viewName, false);

    /// <summary>Writes it.</summary>
    public DataFrameWriter Write() => new(this);

    /// <summary>Runs it for ever, batch by batch.</summary>
    /// <exception cref="InvalidOperationException">It has an end.</exception>
    public DataStreamWriter WriteStream() => IsStreaming()
        ? new(this)
        : throw new InvalidOperationException("Cannot write a stream of a frame that has an end. Read it by ReadStream(), or write it by Write().");

    /// <summary>Runs it once and keeps the rows; the frame that is given back reads them. <see cref="Unpersist"/> that one when done.</summary>
    /// <remarks>Unlike Spark's, which keeps rows in the background of the same frame: use the frame that is given back.</remarks>
    public DataFrame Persist()
    {
        var (sql, schema) = Executable("persist");
        var view = SparkSession.Engine.Persist(sql, schema);
        return new DataFrame(SparkSession, new SourceNode(view, Root.Output), view);
    }

    /// <summary>As <see cref="Persist"/>.</summary>
    public DataFrame Cache() => Persist();

    /// <summary>As <see cref="Persist"/>: the rows are kept and the plan is cut.</summary>
    public DataFrame LocalCheckpoint() => Persist();

    /// <summary>Gives back what <see cref="Persist"/> or <see cref="Pipeline.Engine.Sql.SparkSession.CreateDataFrame(IEnumerable{object[]}, StructType)"/> kept; nothing on another frame.</summary>
    public DataFrame Unpersist(bool blocking = false)
    {
        if (kept is not null) SparkSession.Engine.Unpersist(kept);
        return this;
    }

    /// <summary>The query's text and columns, for an action.</summary>
    internal (string Sql, StructType Schema) Executable(string action, bool allowStreaming = false)
    {
        if (Root.IsStreaming && !allowStreaming)
            throw new InvalidOperationException($"Cannot {action} a frame that has no end: it reads a stream. Use WriteStream().ForeachBatch(…).Start().");
        RequireUniqueNames(action);
        return (ToSql(), Root.Schema);
    }

    internal DataFrame With(PlanNode plan) => new(SparkSession, plan);

    internal DataFrame Projected(IEnumerable<Expr> columns) => With(Planner.Project(Root, columns, Describe));

    internal StructType Describe(PlanNode node) => SparkSession.Engine.Describe(Rendering.SqlRenderer.Render(node, SparkSession.Dialect, SparkSession.Engine.RegisterFunction));

    internal static AttributeRef Ref(Plan.Attribute column) => new(column) { Type = column.Type };

    private Expr Bind(Expr found) => found switch
    {
        AttributeRef column => new FrameColumn(Root, column.Attribute) { Type = column.Type },
        Call call => call with { Arguments = [.. call.Arguments.Select(Bind)] },
        _ => found,
    };

    private void CreateView(string viewName, bool replace)
    {
        ArgumentException.ThrowIfNullOrEmpty(viewName);
        RequireUniqueNames("make a view of");
        SparkSession.Engine.CreateTempView(viewName, ToSql(), replace);
        SparkSession.NoteView(viewName, IsStreaming());
    }

    private void RequireUniqueNames(string action)
    {
        if (Root.Output.GroupBy(column => column.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
            throw new InvalidOperationException($"Cannot {action} a frame with two columns named '{twice.Key}'. Drop or rename one (Drop(df[\"{twice.Key}\"])), or join by name: Join(other, [\"{twice.Key}\"]).");
    }
}
