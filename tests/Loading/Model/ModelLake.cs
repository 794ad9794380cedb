namespace Pipeline.Tests.Loading.Model;

/// <summary>A row that comes in: a key, and a value, which is no number where it is <c>x</c>.</summary>
internal readonly record struct Thing(string Id, string Value)
{
    public bool IsBroken => Value == "x";

    public override string ToString() => $"{Id}={Value}";
}

/// <summary>A row in quarantine.</summary>
internal sealed record Rejected(string Identity, Thing Raw, string Batch)
{
    public string? Fixed { get; set; }

    public string Status { get; set; } = "waiting";

    /// <summary>The batch by which the table has it, once it was replayed.</summary>
    public string? Holder { get; set; }

    /// <summary>Whether it was replayed before, and is not in the table any more.</summary>
    public bool IsReopened { get; set; }

    public bool IsOpen => Status is "waiting" or "fixed";

    public Thing Now => Raw with { Value = Fixed ?? Raw.Value };
}

/// <summary>A batch as <c>batches</c> should have it.</summary>
internal sealed record Recorded(string Batch, IReadOnlyList<Thing> Rows, bool IsStream)
{
    public required (long Read, long Written, long Quarantined, long Duplicate) Counts { get; set; }

    public string Text => $"{Counts.Read}={Counts.Written}+{Counts.Quarantined}+{Counts.Duplicate}";
}

/// <summary>What the loader's lake should hold, by the rules of its README and without any of its code: a row has one outcome; what is in quarantine is there once; a replayed row is in the table or pending again.</summary>
internal sealed class ModelLake
{
    public const double MaxBadShare = 0.5;

    public Dictionary<string, (string Value, string Batch)> Table { get; private set; } = new(StringComparer.Ordinal);

    public List<Rejected> Quarantine { get; } = [];

    public List<Recorded> History { get; } = [];

    public IEnumerable<string> Rows => Table.Select(static row => $"{row.Key}={row.Value.Value}").Order(StringComparer.Ordinal);

    public IEnumerable<string> Statuses => Quarantine.Select(static row => $"{row.Raw.Id} {row.Status}").Order(StringComparer.Ordinal);

    public void SetTable(IReadOnlyDictionary<string, (string Value, string Batch)> rows) => Table = new(rows, StringComparer.Ordinal);

    /// <summary>What would become of rows, without doing it.</summary>
    public Outcome Judge(IReadOnlyList<Thing> rows, string? file, string batch, bool canBeWholeBad)
    {
        var isWholeBad = canBeWholeBad && rows.Count(static row => row.IsBroken) > MaxBadShare * rows.Count;
        var outcome = new Outcome { IsWholeBad = isWholeBad };
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            var identity = file is null ? $"{row}" : $"{file}|{i + 2}|{row}";
            if (isWholeBad || row.IsBroken) outcome.Rejects.Add((identity, row));
            else if (Table.TryGetValue(row.Id, out var known) && known.Batch != batch) Compare(known.Value);
            else if (outcome.New.TryGetValue(row.Id, out var first)) Compare(first);
            else outcome.New[row.Id] = row.Value;

            void Compare(string value)
            {
                if (value == row.Value) outcome.Duplicates++;
                else outcome.Rejects.Add((identity, row));
            }
        }
        outcome.Repaired = outcome.Rejects.Count(reject => Quarantine.Exists(row => row.Identity == reject.Identity && row.Batch != batch && row.Status == "replayed"));
        outcome.Read = rows.Count;
        return outcome;
    }

    /// <summary>New rows to the table.</summary>
    public void Write(Outcome outcome, string batch)
    {
        foreach (var (id, value) in outcome.New) Table[id] = (value, batch);
    }

    /// <summary>Rejected rows to quarantine, once each.</summary>
    public void Reject(Outcome outcome, string batch)
    {
        foreach (var (identity, row) in outcome.Rejects)
            if (!Quarantine.Exists(known => known.Identity == identity)) Quarantine.Add(new Rejected(identity, row, batch));
    }

    public void Record(Outcome outcome, string batch, IReadOnlyList<Thing> rows, bool isStream) => History.Add(new Recorded(batch, rows, isStream) { Counts = outcome.Counts });

    /// <summary>Replayed rows that the table does not have any more are pending.</summary>
    public void Reopen()
    {
        foreach (var row in Quarantine)
        {
            if (row.Status != "replayed" || row.Holder is null || Table.Values.Any(held => held.Batch == row.Holder)) continue;
            if (History.Exists(batch => batch.Batch == row.Holder && batch.Counts.Written == 0)) continue;
            row.Status = row.Fixed is null ? "waiting" : "fixed";
            row.Holder = null;
            row.IsReopened = true;
        }
    }

    /// <summary>What would become of open rows that are replayed; of several rows with one key the loader chooses the first, which the table then has.</summary>
    /// <param name="open">The rows.</param>
    /// <param name="chosen">The table after it.</param>
    public Outcome JudgeReplay(IReadOnlyList<Rejected> open, IReadOnlyDictionary<string, (string Value, string Batch)> chosen)
    {
        var outcome = new Outcome { Read = open.Count };
        foreach (var row in open.Where(static row => !row.Now.IsBroken))
        {
            if (Table.ContainsKey(row.Now.Id) || outcome.New.ContainsKey(row.Now.Id)) continue;
            var candidates = open.Where(other => !other.Now.IsBroken && other.Now.Id == row.Now.Id).Select(static other => other.Now.Value).Distinct(StringComparer.Ordinal).ToList();
            outcome.New[row.Now.Id] = chosen.TryGetValue(row.Now.Id, out var found) && candidates.Contains(found.Value) ? found.Value : candidates[0];
        }
        foreach (var row in open)
            if (row.Now.IsBroken || Value(row) != row.Now.Value) outcome.Rejects.Add((row.Identity, row.Now));
        outcome.Duplicates = open.Count - outcome.Rejects.Count - outcome.New.Count;
        return outcome;

        string? Value(Rejected row) => Table.TryGetValue(row.Now.Id, out var known) ? known.Value : outcome.New.GetValueOrDefault(row.Now.Id);
    }

    /// <summary>The end of a replay: what the table has is replayed, by the batch by which it has it.</summary>
    public void Finish(IReadOnlyList<Rejected> open)
    {
        foreach (var row in open)
        {
            row.IsReopened = false;
            if (row.Now.IsBroken || !Table.TryGetValue(row.Now.Id, out var held) || held.Value != row.Now.Value) continue;
            row.Status = "replayed";
            row.Holder = held.Batch;
        }
    }

    /// <summary>A stream's batch is loaded again from its raw messages.</summary>
    public void LoadAgain(Recorded batch)
    {
        var outcome = Judge(batch.Rows, null, batch.Batch, canBeWholeBad: false);
        Write(outcome, batch.Batch);
        Reject(outcome, batch.Batch);
        foreach (var row in Quarantine.Where(row => row.Batch == batch.Batch && row.IsOpen && outcome.Rejects.TrueForAll(reject => reject.Identity != row.Identity)))
        {
            row.Status = "replayed";
            row.Holder = batch.Batch;
            row.IsReopened = false;
        }
        batch.Counts = outcome.Counts;
    }
}

/// <summary>What becomes of rows.</summary>
internal sealed class Outcome
{
    public long Read { get; set; }

    public bool IsWholeBad { get; init; }

    public Dictionary<string, string> New { get; } = new(StringComparer.Ordinal);

    public List<(string Identity, Thing Row)> Rejects { get; } = [];

    public long Duplicates { get; set; }

    /// <summary>Rejected rows that came before and were repaired since: the table has them.</summary>
    public long Repaired { get; set; }

    public (long Read, long Written, long Quarantined, long Duplicate) Counts => (Read, New.Count, Rejects.Count - Repaired, Duplicates + Repaired);
}
