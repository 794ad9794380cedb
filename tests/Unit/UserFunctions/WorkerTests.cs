
using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Engine.UserFunctions.Columns;
using Pipeline.Engine.UserFunctions.Worker;

namespace Pipeline.Tests.Unit.UserFunctions;

/// <summary>The daemon in this process, with a test as the executor that speaks to it.</summary>
[TestFixtureSource(typeof(Recorded), nameof(Recorded.Versions))]
public sealed class WorkerTests(string version)
{
    private const int EndOfData = -1;
    private const int Failed = -2;
    private const int Timing = -3;
    private const int EndOfStream = -4;
    private const int StartArrow = -6;

    [TestCase(false)]
    [TestCase(true)]
    public void A_daemon_serves_task_after_task_over_one_connection(bool isUnix)
    {
        using var executor = new Executor(isUnix);
        using var worker = executor.Connect();
        // Spark asks the system for a process of this id; Linux answers for threads.
        Directory.Exists($"/proc/{worker.Id}").Should().BeTrue();
        for (var task = 0; task < 2; task++)
        {
            worker.Send(Recorded.Task(version, static x => x + 1, static (a, b) => (a * 10) + b));
            worker.ReadAnswer().Should().BeEquivalentTo(new[] { new[] { 2L, 3L, 4L }, [7L, 18L, 29L] }, options => options.WithStrictOrdering());
            worker.ReadInt().Should().Be(EndOfStream, "the worker may be used again");
        }
    }

    [Test]
    public void An_error_of_a_function_comes_after_the_answer_is_ended_and_the_connection_stays_until_it_was_read()
    {
        using var executor = new Executor(isUnix: false);
        using var worker = executor.Connect();
        worker.Send(Recorded.Task(version, static x => x == 2 ? throw new FileNotFoundException("no such thing") : x, static (a, b) => a + b));
        worker.ReadInt().Should().Be(Failed);
        worker.ReadText().Should().StartWith("System.IO.FileNotFoundException: no such thing\nin the C# function 'inc', partition 0, row 2 of the batch\n");
        worker.IsOpen.Should().BeTrue();
    }

    [Test]
    public void A_function_over_a_partition_reads_its_rows_as_they_come_and_the_worker_goes_on_where_it_leaves_some_unread()
    {
        using var executor = new Executor(isUnix: false);
        using var worker = executor.Connect();
        foreach (var (take, expected) in new[] { (9, "0:0 1:1 2:2 3:3 4:4"), (1, "0:0") })
        {
            worker.Send(Recorded.Rows("partition", version, Function(TableFunctionKind.Rows, (IEnumerable<Row> rows) => rows.Take(take).Select(static row => new GenericRow([row.Get("id"), row.Get("text")])), Answer)));
            worker.ReadRows(Answer).Should().Be(expected);
            worker.ReadInt().Should().Be(EndOfStream, "the worker may be used again");
        }
    }

    [Test]
    public void A_function_over_groups_has_each_group_whole()
    {
        using var executor = new Executor(isUnix: false);
        using var worker = executor.Connect();
        worker.Send(Recorded.Rows("group", version, Function(TableFunctionKind.Group, (RecordBatch group) => new RecordBatch.Builder()
            .Append("id", true, new Int64Array.Builder().Append(group.Length).Build()).Append("text", true, new StringArray.Builder().Append(((StringArray)group.Column(2)).GetString(0)).Build()).Build(), Answer)));
        worker.ReadRows(Answer).Should().Be("3:0 2:1");
        worker.ReadInt().Should().Be(EndOfStream);
    }

    [Test]
    public void An_error_of_a_function_over_rows_names_the_row_or_the_group()
    {
        using var executor = new Executor(isUnix: false);
        using (var worker = executor.Connect())
        {
            worker.Send(Recorded.Rows("partition", version, Function(
                TableFunctionKind.Rows, (IEnumerable<Row> rows) => rows.Select(static row => row.GetAs<long>("id") == 3 ? throw new FileNotFoundException("no such thing") : new GenericRow([1L, "x"])), Answer)));
            worker.ReadFailure().Should().StartWith("System.IO.FileNotFoundException: no such thing\nin the C# function 'over', partition 0, row 3 of the partition\n");
        }
        using (var worker = executor.Connect())
        {
            worker.Send(Recorded.Rows("group", version, Function(TableFunctionKind.Group, (RecordBatch group) => group.Length == 2 ? throw new InvalidOperationException("two") : group.Slice(0, 0), Answer) with { Keys = ["k"] }));
            worker.ReadFailure().Should().StartWith("System.InvalidCastException: it answered a batch of 3 columns, and 2 are declared: struct<id:bigint,text:string>.\nin the C# function 'over', partition 0, group k = 0\n");
        }
    }

    [Test]
    public void A_function_of_another_build_is_an_error_of_the_task()
    {
        using var executor = new Executor(isUnix: false);
        using var worker = executor.Connect();
        worker.Send(Recorded.Task(version));
        worker.ReadInt().Should().Be(Failed);
        worker.ReadText().Should().StartWith("The assembly 'trial' of a C# function is not in the folder of this worker");
    }

    [Test]
    public void A_wrong_secret_is_refused()
    {
        using var executor = new Executor(isUnix: false);
        using var worker = executor.Connect("wrong");
        worker.Greeting.Should().Be("err");
        worker.IsOpen.Should().BeFalse();
    }

    [Test]
    public void A_worker_that_the_executor_names_loses_its_connection_and_the_others_keep_theirs()
    {
        using var executor = new Executor(isUnix: false);
        using var ended = executor.Connect();
        using var other = executor.Connect();
        executor.End(ended.Id);
        ended.WaitForEnd();
        other.IsOpen.Should().BeTrue();
    }

    [Test]
    public void The_daemon_ends_with_its_standard_input_and_takes_its_socket_along()
    {
        var executor = new Executor(isUnix: true);
        var path = executor.SocketPath!;
        File.Exists(path).Should().BeTrue();
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(path).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        executor.Dispose();
        File.Exists(path).Should().BeFalse();
    }

    [Test]
    public void A_single_worker_says_the_secret_first_and_its_id_then()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var environment = WorkerEnvironment.Read(name => name switch
        {
            "PYTHON_WORKER_FACTORY_SECRET" => "secret",
            "PYTHON_WORKER_FACTORY_PORT" => ((IPEndPoint)listener.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => null,
        });
        environment.IsDaemon.Should().BeFalse();
        var run = Task.Run(() =>
        {
            using var socket = environment.Connect();
            using var stream = new NetworkStream(socket, ownsSocket: false);
            return SparkWorker.RunSingle(environment, stream, 77, DateTime.UtcNow);
        });
        using (var accepted = listener.AcceptTcpClient())
        {
            var reader = new WireReader(accepted.GetStream());
            reader.ReadText().Should().Be("secret");
            new WireWriter(accepted.GetStream()).Write("ok");
            reader.ReadInt().Should().Be(77);
        }
        run.Result.Should().Be(0);
    }

    [TestCase(new[] { "-m", "pyspark.daemon", "pyspark.worker" }, false)]
    [TestCase(new[] { "--lake", "/lake" }, false)]
    public void Only_what_an_executor_starts_is_a_worker(string[] args, bool expected) => SparkWorker.Handles(args).Should().Be(expected, "no executor's environment is here");

    private static StructType Answer { get; } = new(new StructField("id", new LongType()), new StructField("text", new StringType()));

    private static TableFunction Function<T, TResult>(TableFunctionKind kind, Func<T, TResult> body, StructType output) => new()
    {
        Name = "over",
        Body = body,
        Kind = kind,
        Input = new StructType(new StructField("id", new LongType()), new StructField("k", new LongType()), new StructField("text", new StringType())),
        Output = output,
    };

    /// <summary>The executor's side of a daemon.</summary>
    private sealed class Executor : IDisposable
    {
        private const string Secret = "s3cret";
        private readonly AnonymousPipeServerStream input = new(PipeDirection.Out);
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("functions-");
        private readonly Task daemon;
        private readonly EndPoint address;

        public Executor(bool isUnix)
        {
            var environment = WorkerEnvironment.Read(name => name switch
            {
                "PYTHON_WORKER_FACTORY_SECRET" => isUnix ? null : Secret,
                "PYTHON_UNIX_DOMAIN_ENABLED" => isUnix ? "True" : null,
                "PYTHON_WORKER_FACTORY_SOCK_DIR" => isUnix ? folder.FullName : null,
                _ => null,
            });
            environment.IsDaemon.Should().BeTrue();
            var stdin = new AnonymousPipeClientStream(PipeDirection.In, input.ClientSafePipeHandle);
            using var output = new AnonymousPipeServerStream(PipeDirection.In);
            var stdout = new AnonymousPipeClientStream(PipeDirection.Out, output.ClientSafePipeHandle);
            daemon = Task.Run(() => new WorkerDaemon(environment).Run(stdin, stdout));
            var reader = new WireReader(output);
            if (isUnix) SocketPath = reader.ReadText();
            address = isUnix ? new UnixDomainSocketEndPoint(SocketPath!) : new IPEndPoint(IPAddress.Loopback, reader.ReadInt());
        }

        public string? SocketPath { get; }

        public Worker Connect(string secret = Secret)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
            socket.Connect(address);
            return new Worker(socket, SocketPath is null ? secret : null);
        }

        public void End(int id)
        {
            new WireWriter(input).Write(id);
            input.Flush();
        }

        public void Dispose()
        {
            input.Dispose();
            daemon.Wait(TimeSpan.FromSeconds(20)).Should().BeTrue();
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The executor's side of one connection.</summary>
    private sealed class Worker : IDisposable
    {
        private readonly Socket socket;
        private readonly NetworkStream stream;
        private readonly WireReader reader;

        public Worker(Socket socket, string? secret)
        {
            this.socket = socket;
            stream = new NetworkStream(socket, ownsSocket: true);
            reader = new WireReader(stream);
            Id = reader.ReadInt();
            if (secret is null) return;
            new WireWriter(stream).Write(secret);
            Greeting = reader.ReadText();
        }

        public int Id { get; }

        public string? Greeting { get; }

        /// <summary>Whether the other side has not ended: a moment's wait finds neither bytes nor an end.</summary>
        public bool IsOpen => !socket.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead);

        public void Send(byte[] task) => stream.Write(task);

        public int ReadInt() => reader.ReadInt();

        public string ReadText() => reader.ReadText();

        public void WaitForEnd() => stream.ReadByte().Should().Be(-1);

        /// <summary>The rows of a function over rows as text, and what follows them up to the question whether the worker goes on.</summary>
        public string ReadRows(StructType columns)
        {
            ReadInt().Should().Be(StartArrow);
            var rows = new List<string>();
            using (var arrow = new ArrowStreamReader(stream, leaveOpen: true))
            {
                while (arrow.ReadNextRecordBatch() is { } batch)
                {
                    batch.Schema.FieldsList.Should().ContainSingle().Which.Name.Should().Be("_0");
                    rows.AddRange(Enumerable.Range(0, batch.Length).Select(ArrowValues.Reader(columns, batch.Column(0), "_0")).Select(static row => string.Join(':', ((Row)row!).Values)));
                }
            }
            ReadEnd();
            return string.Join(' ', rows);
        }

        /// <summary>The text of an error, perhaps behind an answer that was begun.</summary>
        public string ReadFailure()
        {
            var mark = ReadInt();
            if (mark == StartArrow)
            {
                using var arrow = new ArrowStreamReader(stream, leaveOpen: true);
                while (arrow.ReadNextRecordBatch() is { } batch) batch.Dispose();
                mark = ReadInt();
            }
            mark.Should().Be(Failed);
            return ReadText();
        }

        /// <summary>The columns, and what follows them up to the question whether the worker goes on.</summary>
        public long[][] ReadAnswer()
        {
            ReadInt().Should().Be(StartArrow);
            long[][] columns;
            using (var arrow = new ArrowStreamReader(stream, leaveOpen: true))
            using (var batch = arrow.ReadNextRecordBatch())
            {
                batch.Schema.FieldsList.Select(static field => (field.Name, field.IsNullable)).Should().Equal(("_0", true), ("_1", true));
                columns = [.. batch.Arrays.Cast<Int64Array>().Select(static column => column.Values.ToArray())];
                arrow.ReadNextRecordBatch().Should().BeNull();
            }
            ReadEnd();
            return columns;
        }

        private void ReadEnd()
        {
            ReadInt().Should().Be(Timing);
            var times = Enumerable.Range(0, 5).Select(_ => reader.ReadLong()).ToArray();
            times[..3].Should().BeInAscendingOrder();
            DateTimeOffset.FromUnixTimeMilliseconds(times[2]).Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
            times[3..].Should().Equal(0L, 0L);
            ReadInt().Should().Be(EndOfData);
            ReadInt().Should().Be(0, "no accumulator was updated");
        }

        public void Dispose() => stream.Dispose();
    }
}
