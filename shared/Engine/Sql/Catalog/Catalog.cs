using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Sql.Catalog;

/// <summary>Views of a session.</summary>
public sealed class Catalog
{
    private readonly SparkSession session;

    internal Catalog(SparkSession session) => this.session = session;

    /// <summary>Forgets a view; true where there was one.</summary>
    public bool DropTempView(string viewName)
    {
        session.NoteView(viewName, false);
        return session.Engine.DropTempView(viewName);
    }

    /// <summary>Whether a table or view of this name can be read.</summary>
    public bool TableExists(string tableName)
    {
        try
        {
            session.Engine.Describe($"SELECT * FROM {session.Dialect.QualifiedName(tableName)}");
            return true;
        }
        catch (EngineException error) when (!error.IsTransient)
        {
            return false;
        }
    }
}
