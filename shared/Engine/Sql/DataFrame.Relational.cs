using Pipeline.Engine.Sql.Plan;

namespace Pipeline.Engine.Sql;

public sealed partial class DataFrame
{
    /// <summary>The columns and expressions, one after the other. Only aggregates: one row of all.</summary>
    public DataFrame Select(params Column[] columns) => Projected(Column.Nodes(columns));

    /// <summary>The columns of these names.</summary>
    public DataFrame Select(string column, params string[] columns) => Select([column, .. columns.Select(name => new Column(name))]);

    /// <summary>Expressions in Spark's SQL: <c>"upper(name) AS name"</c>.</summary>
    public DataFrame SelectExpr(params string[] expressions)
    {
        ArgumentNullException.ThrowIfNull(expressions);
        return Projected(expressions.Select(SqlText.Parse));
    }

    /// <summary>The rows for which the condition holds; not those for which it is NULL.</summary>
    public DataFrame Filter(Column condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return With(Planner.Filter(Root, condition.Node));
    }

    /// <summary>The rows for which the condition, in Spark's SQL, holds.</summary>
    public DataFrame Filter(string conditionExpr) => With(Planner.Filter(Root, SqlText.Parse(conditionExpr)));

    /// <summary>As <see cref="Filter(Column)"/>.</summary>
    public DataFrame Where(Column condition) => Filter(condition);

    /// <summary>As <see cref="Filter(string)"/>.</summary>
    public DataFrame Where(string conditionExpr) => Filter(conditionExpr);

    /// <summary>With one more column at the end, or with that column in its place where there is one of the name.</summary>
    public DataFrame WithColumn(string colName, Column col)
    {
        ArgumentNullException.ThrowIfNull(col);
        return WithColumns([KeyValuePair.Create(colName, col)]);
    }

    /// <summary>As <see cref="WithColumn"/>, for several at once: none of them sees another.</summary>
    public DataFrame WithColumns(IEnumerable<KeyValuePair<string, Column>> columns)
    {
        var added = columns.ToList();
        var list = new List<Expr>();
        foreach (var column in Root.Output)
        {
            var at = added.FindIndex(pair => column.IsNamed(pair.Key));
            list.Add(at < 0 ? Ref(column) : new Aliased(Bare(added[at].Value.Node), [added[at].Key]));
        }
        list.AddRange(added.Where(pair => !Root.Output.Any(column => column.IsNamed(pair.Key))).Select(pair => new Aliased(Bare(pair.Value.Node), [pair.Key])));
        return Projected(list);
    }

    /// <summary>With a column under a new name; itself where there is no such column, as in Spark.</summary>
    public DataFrame WithColumnRenamed(string existingName, string newName) => Root.Output.Any(column => column.IsNamed(existingName))
        ? Projected(Root.Output.Select(column => column.IsNamed(existingName) ? new Aliased(Ref(column), [newName]) : (Expr)Ref(column)))
        : this;

    /// <summary>With columns under new names, all at once.</summary>
    public DataFrame WithColumnsRenamed(IEnumerable<KeyValuePair<string, string>> names)
    {
        var renames = new Dictionary<string, string>(names, StringComparer.OrdinalIgnoreCase);
        return Projected(Root.Output.Select(column => renames.TryGetValue(column.Name, out var name) ? new Aliased(Ref(column), [name]) : (Expr)Ref(column)));
    }

    /// <summary>Without the columns of these names; names that are not there are passed over, as in Spark.</summary>
    public DataFrame Drop(params string[] colNames) => Kept(column => !colNames.Any(column.IsNamed));

    /// <summary>Without the column; <c>Drop(right["id"])</c> drops the right one of two of the name.</summary>
    public DataFrame Drop(Column column)
    {
        ArgumentNullException.ThrowIfNull(column);
        if (column.Node is NamedColumn named && !Root.Output.Any(other => other.IsNamed(named.Name)) && !named.Name.Contains('.', StringComparison.Ordinal)) return this;
        var dropped = Planner.PlainColumn(column.Node, Scope.Of(Root), "Drop");
        return Kept(other => other.Id != dropped.Id);
    }

    /// <summary>Every row of this one with every row of the other: use <see cref="CrossJoin"/> to say so.</summary>
    public DataFrame Join(DataFrame right) => CrossJoin(right);

    /// <summary>Inner join by a column of both, which comes out once.</summary>
    public DataFrame Join(DataFrame right, string usingColumn) => Join(right, [usingColumn]);

    /// <summary>Join by columns of both, which come out once and first.</summary>
    /// <param name="right">The other side.</param>
    /// <param name="usingColumns">Names that both sides have.</param>
    /// <param name="joinType">inner, left, right, full, left_semi or left_anti.</param>
    public DataFrame Join(DataFrame right, IEnumerable<string> usingColumns, string joinType = "inner")
    {
        ArgumentNullException.ThrowIfNull(right);
        RequireOneSession(right);
        return With(JoinPlanner.Using(Root, right.Root, JoinPlanner.Kind(joinType), [.. usingColumns]));
    }

    /// <summary>Join by a condition; all columns of both sides come out.</summary>
    /// <param name="right">The other side.</param>
    /// <param name="joinExpr">The condition, such as <c>left["id"] == right["id"]</c>.</param>
    /// <param name="joinType">inner, cross, left, right, full, left_semi or left_anti.</param>
    public DataFrame Join(DataFrame right, Column joinExpr, string joinType = "inner")
    {
        ArgumentNullException.ThrowIfNull(right);
        ArgumentNullException.ThrowIfNull(joinExpr);
        RequireOneSession(right);
        return With(JoinPlanner.On(Root, right.Root, JoinPlanner.Kind(joinType), joinExpr.Node));
    }

    /// <summary>Every row of this one with every row of the other.</summary>
    public DataFrame CrossJoin(DataFrame right)
    {
        ArgumentNullException.ThrowIfNull(right);
        RequireOneSession(right);
        return With(JoinPlanner.On(Root, right.Root, JoinKind.Cross, null));
    }

    /// <summary>The rows of both, column by column in order; duplicates stay.</summary>
    public DataFrame Union(DataFrame other) => Combined(other, "UNION ALL");

    /// <summary>As <see cref="Union"/>.</summary>
    public DataFrame UnionAll(DataFrame other) => Union(other);

    /// <summary>The rows of both, columns by name.</summary>
    /// <param name="other">The other rows.</param>
    /// <param name="allowMissingColumns">Whether a column that one side lacks is NULL there.</param>
    public DataFrame UnionByName(DataFrame other, bool allowMissingColumns = false)
    {
        ArgumentNullException.ThrowIfNull(other);
        var missingHere = other.Root.Output.Where(column => !Root.Output.Any(mine => mine.IsNamed(column.Name))).ToArray();
        var missingThere = Root.Output.Where(column => !other.Root.Output.Any(theirs => theirs.IsNamed(column.Name))).ToArray();
        if (!allowMissingColumns && missingHere.Length + missingThere.Length > 0)
            throw new ArgumentException($"UnionByName needs the same columns on both sides. Missing on the left: {Names(missingHere)}; on the right: {Names(missingThere)}. Allow missing columns to have NULL there.");
        var left = missingHere.Length == 0 ? this : Projected([.. Root.Output.Select(Ref), .. missingHere.Select(Nulls)]);
        var right = other.Projected(left.Root.Output.Select(column => other.Root.Output.FirstOrDefault(theirs => theirs.IsNamed(column.Name)) is { } theirs ? (Expr)Ref(theirs) : Nulls(column)));
        return left.Combined(right, "UNION ALL");
    }

    /// <summary>The rows that are in both, each once.</summary>
    public DataFrame Intersect(DataFrame other) => Combined(other, "INTERSECT");

    /// <summary>The rows that are in both, as often as in both.</summary>
    public DataFrame IntersectAll(DataFrame other) => Combined(other, "INTERSECT ALL");

    /// <summary>The rows that are not in the other, each once.</summary>
    public DataFrame Except(DataFrame other) => Combined(other, "EXCEPT");

    /// <summary>The rows, less those of the other one by one.</summary>
    public DataFrame ExceptAll(DataFrame other) => Combined(other, "EXCEPT ALL");

    /// <summary>Each row once.</summary>
    public DataFrame Distinct() => With(new DistinctNode(Root));

    /// <summary>Each row once.</summary>
    public DataFrame DropDuplicates() => Distinct();

    /// <summary>One row for each combination of the columns; which one is not promised.</summary>
    public DataFrame DropDuplicates(string col, params string[] cols)
    {
        if (IsStreaming()) throw new InvalidOperationException("Cannot drop duplicates of a stream by some of its columns. Do it in ForeachBatch, or take Distinct().");
        var keys = new[] { col }.Concat(cols).Select(name => (Expr)Ref(Planner.PlainColumn(new NamedColumn(name), Scope.Of(Root), "DropDuplicates"))).ToArray();
        const string Place = "__place";
        var numbered = new Windowed(new Call("row_number"), [.. keys], [new SortKey(keys[0], true, true)], null);
        var placed = Projected([.. Root.Output.Select(Ref), new Aliased(numbered, [Place])]);
        return placed.Filter(placed[Place] == 1).Kept(column => column.Name != Place);
    }

    /// <summary>In the order of the columns; ascending with NULL first unless a key says otherwise.</summary>
    public DataFrame OrderBy(params Column[] columns) => With(Planner.Sort(Root, Column.Nodes(columns)));

    /// <summary>In the order of the columns, ascending with NULL first.</summary>
    public DataFrame OrderBy(string column, params string[] columns) => OrderBy([column, .. columns.Select(name => new Column(name))]);

    /// <summary>As <see cref="OrderBy(Column[])"/>.</summary>
    public DataFrame Sort(params Column[] columns) => OrderBy(columns);

    /// <summary>As <see cref="OrderBy(string, string[])"/>.</summary>
    public DataFrame Sort(string column, params string[] columns) => OrderBy(column, columns);

    /// <summary>At most so many rows.</summary>
    public DataFrame Limit(int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        return With(new LimitNode(Root, n, 0));
    }

    /// <summary>Without the first rows.</summary>
    public DataFrame Offset(int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        return With(new LimitNode(Root, null, n));
    }

    /// <summary>About that share of the rows, at random.</summary>
    public DataFrame Sample(double fraction, bool withReplacement = false, long? seed = null)
    {
        if (withReplacement) throw new NotSupportedException("Sample takes rows without replacement only.");
        if (fraction is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "The share of a sample is from 0 to 1.");
        return With(new SampleNode(Root, fraction, seed));
    }

    /// <summary>The value columns as rows: the ids, the column's name and its value. Without <paramref name="values"/> all columns but the ids.</summary>
    public DataFrame Unpivot(Column[] ids, Column[]? values, string variableColumnName, string valueColumnName) =>
        With(Planner.Unpivot(Root, Column.Nodes(ids), values?.Select(value => value.Node), variableColumnName, valueColumnName));

    /// <summary>As <see cref="Unpivot"/>.</summary>
    public DataFrame Melt(Column[] ids, Column[]? values, string variableColumnName, string valueColumnName) =>
        Unpivot(ids, values, variableColumnName, valueColumnName);

    /// <summary>Spark's hint of this name; nothing on an engine without such.</summary>
    public DataFrame Hint(string name, params object[] parameters)
    {
        if (!SqlText.IsFunctionName(name)) throw new ArgumentException($"'{name}' is not the name of a hint.", nameof(name));
        var text = parameters.Length == 0 ? name : FormattableString.Invariant($"{name}({string.Join(", ", parameters)})");
        return With(new HintNode(Root, text.ToUpperInvariant()));
    }

    /// <summary>In so many partitions, so many files when written by Spark.</summary>
    public DataFrame Repartition(int numPartitions) => Hint("REPARTITION", numPartitions);

    /// <summary>In at most so many partitions, so many files when written by Spark.</summary>
    public DataFrame Coalesce(int numPartitions) => Hint("COALESCE", numPartitions);

    /// <summary>The columns <paramref name="keep"/> holds for.</summary>
    private DataFrame Kept(Func<Plan.Attribute, bool> keep) => Root.Output.All(keep) ? this : Projected(Root.Output.Where(keep).Select(Ref));

    private DataFrame Combined(DataFrame other, string operation)
    {
        ArgumentNullException.ThrowIfNull(other);
        RequireOneSession(other);
        return With(Planner.SetOperation(Root, other.Root, operation));
    }

    private void RequireOneSession(DataFrame other)
    {
        if (!ReferenceEquals(SparkSession.Engine, other.SparkSession.Engine))
            throw new ArgumentException("The frames belong to two sessions, and one query runs in one. In ForeachBatch read tables by the batch's own session: batch.SparkSession.");
    }

    private static Expr Bare(Expr expr) => expr is Aliased { Names.Length: 1 } alias ? alias.Value : expr;

    private static Aliased Nulls(Plan.Attribute column) => new(new Literal((object?)null) { Type = column.Type }, [column.Name]);

    private static string Names(Plan.Attribute[] columns) => columns.Length == 0 ? "none" : string.Join(", ", columns.Select(column => column.Name));
}
