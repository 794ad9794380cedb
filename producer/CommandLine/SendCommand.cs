using System.Globalization;
using Pipeline.Files;
using Pipeline.Producer.Sending;
using Pipeline.Schemas;

namespace Pipeline.Producer.CommandLine;

/// <summary><c>producer send</c>.</summary>
internal static class SendCommand
{
    internal static CliCommand Spec { get; } = new("send", "Sends a file's rows, or generated ones, to a topic in batches, and ends when each is acknowledged",
    [
        "producer send water-quality --file LTM_Data_2022_8_1.csv --bootstrap-servers localhost:9092",
        "producer send water-quality --file samples.xlsx --sheet 2020 --bootstrap-servers kafka:9093 --kafka-config client.properties",
        "producer send water-quality --generate 38200 --pause 0 --bootstrap-servers localhost:9092",
    ],
    [
        new("file", "FILE", "CSV or Excel file to send"),
        new("generate", "N", "Generate so many rows instead"),
        new("seed", "S", "Seed of the generator: the same seed makes the same rows") { Default = "1" },
        new("shares", "MIX", "What generated messages are mixed of, by weight, such as broken=0.1 (student-messages, device-events)"),
        new("bootstrap-servers", "LIST", "Brokers to begin with, host:port parted by commas") { CommonEnvironment = "KAFKA_BOOTSTRAP_SERVERS" },
        new("topic", "NAME", "Topic; the data set's own unless given, created if it is missing"),
        new("batch-size", "N", "Rows in a batch") { Default = "100" },
        new("pause", "TIME", "Wait between batches (500ms, 10s, 1m); 0 is flat out") { Default = "10s" },
        new("limit", "N", "Send at most so many rows"),
        new("sheet", "NAME", "Sheet of a workbook; the first visible one unless given"),
        new("encoding", "NAME", "Encoding of a CSV file; found unless given (UTF-8, else Windows-1252)"),
        new("kafka-config", "FILE", "Kafka client properties, with Kafka's own keys (TLS, log-in)") { CommonEnvironment = "KAFKA_CONFIG" },
    ]);

    internal static async Task<RunAccount> RunAsync(DatasetContract dataset, OptionValues values, ProgramConsole console, RunAccount account, Signals signals)
    {
        _ = values.Choice("output", "text", "json");
        var isQuiet = values.Switch("quiet");
        var useColor = !values.Switch("no-color") && !(console.Environment.TryGetValue("NO_COLOR", out var none) && none.Length > 0);
        using var bar = new SendProgressBar(console, useColor);
        var sender = new Sender(Options(dataset, values, bar, isQuiet));
        try
        {
            var counts = await sender.RunAsync(isQuiet ? null : bar, gate: null, signals.Token).ConfigureAwait(false);
            account = account with { Status = "Succeeded", ExitCode = ExitCodes.Done, Message = Summary(counts, values, dataset) };
        }
        catch (Exception error)
        {
            account = ProducerProgram.Failed(account, error, signals);
            if (account.Status == "Cancelled")
                account = account with { Message = $"{account.Message} {Fate(sender.Counts)} Send again for the rest: what is there already is told as duplicate downstream." };
            bar.Dispose();
            ProducerProgram.WriteError(error, account, console, values.Switch("debug"));
        }
        foreach (var warning in sender.Warnings)
            bar.WriteLine($"warning: {warning}");
        return account with { Counts = AccountCounts.Of(sender.Counts), Warnings = sender.Warnings };
    }

    private static SendOptions Options(DatasetContract dataset, OptionValues values, SendProgressBar bar, bool isQuiet)
    {
        if (values.Text("file") is not null && values.Text("generate") is not null)
            throw new UsageException("--file and --generate are both given. Give one of them.");
        return new SendOptions(dataset)
        {
            File = values.Text("file"),
            GenerateRows = values.Number("generate", 1),
            Seed = (ulong)(values.Number("seed", 0) ?? 1),
            Shares = values.Text("shares"),
            BootstrapServers = values.Text("bootstrap-servers"),
            Topic = values.Text("topic"),
            BatchSize = (int)Math.Min(int.MaxValue, values.Number("batch-size", 1) ?? 100),
            Pause = values.Duration("pause"),
            Limit = values.Number("limit", 0),
            Sheet = values.Text("sheet"),
            Encoding = values.Text("encoding"),
            KafkaConfig = values.Text("kafka-config"),
            Note = isQuiet ? null : bar.WriteLine,
            ClientLog = values.Switch("verbose") ? bar.WriteLine : null,
        };
    }

    private static string Summary(SendCounts counts, OptionValues values, DatasetContract dataset) =>
        $"{Fate(counts)} Topic '{values.Text("topic") ?? dataset.Topic}', {(counts.Batches == 1 ? "1 batch" : string.Create(CultureInfo.InvariantCulture, $"{counts.Batches} batches"))}, {counts.Bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes.";

    private static string Fate(SendCounts counts) =>
        string.Create(CultureInfo.InvariantCulture, $"{counts.Read} rows read, {counts.Sent} sent, {counts.Acknowledged} acknowledged{(counts.Failed > 0 ? $", {counts.Failed} given up" : "")}.");
}
