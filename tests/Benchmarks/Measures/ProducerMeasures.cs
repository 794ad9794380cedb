using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsvHelper;
using ExcelDataReader;
using Pipeline.Engine.Kafka;
using Pipeline.Producer.Messages;
using Pipeline.Producer.Sending;
using Pipeline.Suite.Schemas;
using Pipeline.Tests.Benchmarks.Harness;

namespace Pipeline.Tests.Benchmarks.Measures;

/// <summary>Rows from files into the producer, and messages into Kafka.</summary>
internal static class ProducerMeasures
{
    /// <summary>Every row of a file as the message that would be sent. file=PATH</summary>
    public static Task ReadAsync(Arguments arguments, Recorder recorder)
    {
        var (rows, bytes) = (0L, 0L);
        recorder.Time(() =>
        {
            using var source = MessageSources.Open(new SendOptions(WaterQuality.Dataset) { File = arguments["file"] });
            var message = new MessageBuffer();
            for (; source.Read(message); rows++) bytes += message.Value.WrittenCount;
        });
        recorder.Add("rows", rows);
        recorder.Add("bytes", bytes);
        return Task.CompletedTask;
    }

    /// <summary>A bare loop over CsvHelper: every record as a JSON object. file=PATH</summary>
    public static Task CsvHelperAsync(Arguments arguments, Recorder recorder)
    {
        var (rows, bytes) = (0L, 0L);
        recorder.Time(() =>
        {
            using var csv = CsvReader.FromFile(arguments["file"], new CsvReaderOptions { Separator = ';', TrackLineNumbers = true });
            csv.ReadHeader();
            var names = csv.Headers.Select(name => JsonEncodedText.Encode(name)).ToArray();
            var buffer = new ArrayBufferWriter<byte>();
            using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            for (; csv.Read(); rows++)
            {
                json.WriteStartObject();
                for (var i = 0; i < names.Length; i++) json.WriteString(names[i], csv.GetSpan(i));
                bytes += Ended(json, buffer);
            }
        });
        recorder.Add("rows", rows);
        recorder.Add("bytes", bytes);
        return Task.CompletedTask;
    }

    /// <summary>A bare loop over ExcelDataReader: every row as a JSON object, the values as they come. file=PATH</summary>
    public static Task ExcelDataReaderAsync(Arguments arguments, Recorder recorder)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var rows = 0L;
        recorder.Time(() =>
        {
            using var file = File.OpenRead(arguments["file"]);
            using var reader = ExcelReaderFactory.CreateOpenXmlReader(file);
            _ = reader.Read();
            var names = Enumerable.Range(0, reader.FieldCount).Select(i => JsonEncodedText.Encode(reader.GetString(i))).ToArray();
            var buffer = new ArrayBufferWriter<byte>();
            using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            for (; reader.Read(); rows++)
            {
                json.WriteStartObject();
                for (var i = 0; i < names.Length; i++) json.WriteString(names[i], Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture));
                _ = Ended(json, buffer);
            }
        });
        recorder.Add("rows", rows);
        return Task.CompletedTask;
    }

    private static int Ended(Utf8JsonWriter json, ArrayBufferWriter<byte> buffer)
    {
        json.WriteEndObject();
        json.Flush();
        var written = buffer.WrittenCount;
        buffer.ResetWrittenCount();
        json.Reset();
        return written;
    }

    /// <summary>Messages of one size, idempotent, lz4, with delivery reports counted. servers=… topic=… messages=N size=BYTES; pace=PER_SECOND</summary>
    public static Task ProduceAsync(Arguments arguments, Recorder recorder)
    {
        var messages = arguments.Int("messages");
        var pace = arguments.Find("pace") is { } perSecond ? int.Parse(perSecond, CultureInfo.InvariantCulture) : 0;
        var settings = ProducerSettings.For(KafkaClientProperties.Empty.With("bootstrap.servers", arguments["servers"]));
        using var producer = new BytesProducer(settings, arguments["topic"], []);
        var text = new MessageText(arguments.Int("size"));
        recorder.Time(() =>
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            for (var i = 0; i < messages; i++)
            {
                text.Set(i);
                while (producer.TryProduce([], text.Bytes, [], []) == ProduceOutcome.QueueFull) producer.WaitForRoom();
                // Asleep: a delay goes on in the thread pool, whose threads look for it in a loop that costs what is measured beside it a twentieth of a processor.
                if (pace > 0 && i % 100 == 0 && TimeSpan.FromSeconds((double)i / pace) - watch.Elapsed is { TotalMilliseconds: > 1 } early) Thread.Sleep(early);
            }
            producer.Flush(CancellationToken.None);
        });
        if (producer.Acknowledged != messages) throw new InvalidOperationException($"{producer.Acknowledged} of {messages} messages were acknowledged.");
        recorder.Add("messages", producer.Acknowledged);
        return Task.CompletedTask;
    }
}

/// <summary>JSON messages of one size: a number, a name, a value, and padding.</summary>
internal sealed class MessageText
{
    private readonly byte[] buffer;

    public MessageText(int size)
    {
        buffer = new byte[size];
        Array.Fill(buffer, (byte)'x');
        "{\"id\":\"0000000000\",\"site\":\"S0001\",\"value\":\"0000.5\",\"pad\":\""u8.CopyTo(buffer);
        "\"}"u8.CopyTo(buffer.AsSpan(size - 2));
    }

    public ReadOnlySpan<byte> Bytes => buffer;

    public void Set(int number)
    {
        Digits(buffer.AsSpan(7, 10), number);
        Digits(buffer.AsSpan(29, 3), number % 1000);
        Digits(buffer.AsSpan(43, 4), number % 10_000);
    }

    private static void Digits(Span<byte> target, int number)
    {
        for (var i = target.Length - 1; i >= 0; i--, number /= 10) target[i] = (byte)('0' + (number % 10));
    }
}
