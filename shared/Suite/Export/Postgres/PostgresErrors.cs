using System.Net.Sockets;
using Npgsql;

namespace Pipeline.Suite.Export.Postgres;

/// <summary>What the server's and the driver's errors mean to an export.</summary>
internal static class PostgresErrors
{
    // SQLSTATE classes and codes. Source: PostgreSQL, appendix A.
    private const string InvalidAuthorization = "28";
    private const string OperatorIntervention = "57P";
    private const string ConnectionException = "08";
    private const string UniqueViolation = "23505";
    private const string CardinalityViolation = "21000";
    private const string LockNotAvailable = "55P03";
    private const string QueryCanceled = "57014";
    private const string NoPassword = "No password has been provided";

    /// <summary>Whether the same export may succeed when it is tried again.</summary>
    public static bool IsTransient(Exception error) => error switch
    {
        PostgresException said => said.IsTransient || said.SqlState.StartsWith(OperatorIntervention, StringComparison.Ordinal) || said.SqlState.StartsWith(ConnectionException, StringComparison.Ordinal),
        NpgsqlException refused when TlsRefusal.Is(refused) || refused.Message.StartsWith(NoPassword, StringComparison.Ordinal) => false,
        NpgsqlException lost => lost.IsTransient || lost.InnerException is null or IOException or SocketException or TimeoutException,
        IOException or SocketException or TimeoutException => true,
        _ => false,
    };

    /// <summary>Whether another session held a lock for longer than the export waits: trying again at once would wait as long again.</summary>
    public static bool IsLockTimeout(Exception error) => error is PostgresException { SqlState: LockNotAvailable };

    /// <summary>Whether a statement took longer than it may.</summary>
    public static bool IsStatementTimeout(Exception error) => error is PostgresException { SqlState: QueryCanceled };

    /// <summary>Whether the same export is tried again at once: not after a wait that would only be repeated.</summary>
    public static bool IsWorthAnotherTry(Exception error) => IsTransient(error) && !IsLockTimeout(error) && !IsStatementTimeout(error) && !IsSilent(error);

    /// <summary>Whether a connected server answered nothing for as long as a statement may take.</summary>
    private static bool IsSilent(Exception error) => error is NpgsqlException { InnerException: TimeoutException } and not PostgresException && error.Message.Contains("reading", StringComparison.Ordinal);

    /// <summary>The error as an export's, with what helps.</summary>
    /// <param name="error">What the driver threw.</param>
    /// <param name="address">The sink, as it is printed.</param>
    /// <param name="settings">How it was connected.</param>
    public static async Task<ExportException> ExplainAsync(Exception error, string address, NpgsqlConnectionStringBuilder settings) => TlsRefusal.Is(error)
        ? new ExportException(ExportFailure.Configuration, $"Cannot export to '{address}': {await TlsRefusal.ReasonAsync(settings, error)}", error)
        : Explain(error, address);

    private static ExportException Explain(Exception error, string address)
    {
        if (IsLockTimeout(error))
            return new ExportException(ExportFailure.Transient, $"Cannot export to '{address}': another session held a lock on one of the tables for longer than the export waits. Nothing was changed. Find that session in pg_stat_activity (pg_blocking_pids tells who blocks whom), end it or wait for it, and run the same export again.", error);
        if (IsStatementTimeout(error) || IsSilent(error))
            return new ExportException(ExportFailure.Transient, $"Cannot export to '{address}': a statement took longer than an export lets it, or the server answered no more. Nothing was changed. Run the same export again; a database that needs longer gets it by '?command_timeout=SECONDS' in the address.", error);
        if (IsTransient(error)) return new ExportException(ExportFailure.Transient, $"Cannot export to '{address}': {Sentence(error)} Nothing was changed, or all of it: run the same export again.", error);
        if (error is PostgresException said)
        {
            if (said.SqlState is UniqueViolation or CardinalityViolation) return new ExportException(ExportFailure.Contract, $"Cannot export to '{address}': a key stands in more than one row ({said.MessageText}). The source must have one row a key.", error);
            var advice = said.SqlState switch
            {
                "3D000" => "Create the database, or name another.",
                "42501" => "The first export makes schemas and tables and needs a role that may (roles.sql, pipeline_owner); later ones need pipeline_writer.",
                _ when said.SqlState.StartsWith(InvalidAuthorization, StringComparison.Ordinal) => "Check the user, and the password in PGPASSWORD or ~/.pgpass.",
                _ => "Nothing was changed.",
            };
            var failure = said.SqlState.StartsWith("22", StringComparison.Ordinal) ? ExportFailure.Contract : ExportFailure.Configuration;
            return new ExportException(failure, $"Cannot export to '{address}': {said.MessageText} (SQLSTATE {said.SqlState}). {advice}", error);
        }
        if (error.Message.StartsWith(NoPassword, StringComparison.Ordinal))
            return new ExportException(ExportFailure.Configuration, $"Cannot export to '{address}': the server asks for a password, and there is none. Set PGPASSWORD, or write it to ~/.pgpass or the file that PGPASSFILE names.", error);
        return new ExportException(ExportFailure.Configuration, $"Cannot export to '{address}': {Sentence(error)}", error);
    }

    private static string Sentence(Exception error)
    {
        var text = error is PostgresException said ? said.MessageText : error.InnerException is SocketException or IOException ? $"{error.Message} ({error.InnerException.Message})" : error.Message;
        return text.EndsWith('.') ? text : text + ".";
    }
}
