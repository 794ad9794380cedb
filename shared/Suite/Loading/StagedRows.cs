using Pipeline.Engine.Sql;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Loading;

/// <summary>Staged rows told apart by the rules that they break (<see cref="StagedColumns.Broken"/>).</summary>
/// <remarks>The rows are to be kept by the engine before (<see cref="DataFrame.Persist"/>): Spark's optimizer puts the expressions that make the rules into the condition, once for each use of them, which takes its memory for a contract of thirty columns.</remarks>
public static class StagedRows
{
    /// <summary>Whether a row breaks a rule.</summary>
    public static Column BreaksARule => Size(Col(StagedColumns.Broken)) > Lit(0);

    /// <summary>Rows that break no rule; columns as they are.</summary>
    public static DataFrame Good(DataFrame staged)
    {
        ArgumentNullException.ThrowIfNull(staged);
        return staged.Filter(Size(Col(StagedColumns.Broken)) == Lit(0));
    }

    /// <summary>Rows that break a rule; columns as they are.</summary>
    public static DataFrame Broken(DataFrame staged)
    {
        ArgumentNullException.ThrowIfNull(staged);
        return staged.Filter(BreaksARule);
    }
}
