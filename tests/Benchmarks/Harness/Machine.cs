using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Pipeline.Tests.Benchmarks.Harness;

/// <summary>What the machine gives at the time of the run, so that figures of two runs can be told apart from figures of two machines.</summary>
internal static class Machine
{
    private const int BlockBytes = 1 << 20;

    public static async Task<string> DescribeAsync(string folder)
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown processor";
        var total = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        var (fsync, write) = Disk(folder);
        var (roundTrip, throughput) = await LoopbackAsync();
        return string.Create(CultureInfo.InvariantCulture, $"Machine: {Environment.ProcessorCount} cores ({model}), {long.Parse(total, CultureInfo.InvariantCulture) / 1048576.0:0} GiB, .NET {Environment.Version}; 4 kB write and fsync {Figures.Time(fsync)}, sequential write {write:0} MB/s, memory copy {MemoryGigabytes():0.0} GB/s, loopback round trip {Figures.Time(roundTrip)}, {throughput:0} MB/s. Load average at the start {Load()}.");
    }

    public static string Load() => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ').Take(3));

    private static (double FsyncSeconds, double WriteMegabytes) Disk(string folder)
    {
        var path = Path.Combine(folder, "disk.bin");
        var times = new List<double>();
        using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1))
        {
            for (var i = 0; i < 100; i++)
            {
                var watch = Stopwatch.StartNew();
                file.Write(new byte[4096]);
                file.Flush(flushToDisk: true);
                times.Add(watch.Elapsed.TotalSeconds);
            }
            var block = new byte[BlockBytes];
            Random.Shared.NextBytes(block);
            const int blocks = 256;
            var all = Stopwatch.StartNew();
            for (var i = 0; i < blocks; i++) file.Write(block);
            file.Flush(flushToDisk: true);
            var write = blocks * (double)BlockBytes / 1e6 / all.Elapsed.TotalSeconds;
            file.Dispose();
            File.Delete(path);
            return (Statistics.Median(times), write);
        }
    }

    private static double MemoryGigabytes()
    {
        var (from, to) = (new byte[64 * BlockBytes], new byte[64 * BlockBytes]);
        from.CopyTo(to, 0);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 8; i++) from.CopyTo(to, 0);
        return 8.0 * from.Length / 1e9 / watch.Elapsed.TotalSeconds;
    }

    private static async Task<(double RoundTripSeconds, double Megabytes)> LoopbackAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient { NoDelay = true };
        var accepting = listener.AcceptTcpClientAsync();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var server = await accepting;
        server.NoDelay = true;
        const int trips = 2000, blocks = 256;
        var echo = Task.Run(async () =>
        {
            var one = new byte[1];
            for (var i = 0; i < trips; i++)
            {
                await server.GetStream().ReadExactlyAsync(one);
                await server.GetStream().WriteAsync(one);
            }
            var block = new byte[BlockBytes];
            for (var i = 0; i < blocks; i++) await server.GetStream().ReadExactlyAsync(block);
            await server.GetStream().WriteAsync(one);
        });
        var buffer = new byte[1];
        var times = new List<double>();
        for (var i = 0; i < trips; i++)
        {
            var watch = Stopwatch.StartNew();
            await client.GetStream().WriteAsync(buffer);
            await client.GetStream().ReadExactlyAsync(buffer);
            times.Add(watch.Elapsed.TotalSeconds);
        }
        var all = Stopwatch.StartNew();
        var data = new byte[BlockBytes];
        for (var i = 0; i < blocks; i++) await client.GetStream().WriteAsync(data);
        await client.GetStream().ReadExactlyAsync(buffer);
        var throughput = blocks * (double)BlockBytes / 1e6 / all.Elapsed.TotalSeconds;
        await echo;
        return (Statistics.Median(times), throughput);
    }
}
