using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Results;

namespace Pipeline.Suite.Runtime.Jobs;

/// <summary>Every row's outcome, counted over a run: read = written + quarantined + duplicate + late. Not thread-safe.</summary>
public sealed class RowCounts
{
    /// <summary>Rows or messages taken from the source.</summary>
    public long Read { get; set; }

    /// <summary>Rows that are in the table because of this run.</summary>
    public long Written { get; set; }

    /// <summary>Rows that are kept in quarantine with their reason.</summary>
    public long Quarantined { get; set; }

    /// <summary>Rows that were there already.</summary>
    public long Duplicate { get; set; }

    /// <summary>Rows that came after their window had closed.</summary>
    public long Late { get; set; }

    /// <summary>Adds one batch's counts to these.</summary>
    public void Add(long read, long written, long quarantined = 0, long duplicate = 0, long late = 0)
    {
        Read += read;
        Written += written;
        Quarantined += quarantined;
        Duplicate += duplicate;
        Late += late;
    }

    /// <summary>Whether each row that was read has exactly one outcome.</summary>
    public bool IsBalanced => Read == Written + Quarantined + Duplicate + Late;

    /// <summary>Fails where a row was lost or counted twice.</summary>
    /// <exception cref="DataException">The counts do not balance.</exception>
    public void CheckBalance(string what = "The run")
    {
        if (!IsBalanced)
            throw new DataException(FormattableString.Invariant(
                $"{what} does not balance: {Read} read, but {Written} written + {Quarantined} quarantined + {Duplicate} duplicate + {Late} late = {Written + Quarantined + Duplicate + Late}. Rows were lost or counted twice; nothing should be built on this run until the cause is known."));
    }

    /// <summary>The counts as they stand now, for result.json and batches.</summary>
    public RunCounts ToRunCounts() => new(Read, Written, Quarantined, Duplicate, Late);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Read} read, {Written} written, {Quarantined} quarantined, {Duplicate} duplicate, {Late} late");
}
