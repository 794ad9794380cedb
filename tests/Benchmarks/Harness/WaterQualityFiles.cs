using System.Globalization;
using System.Text;
using Pipeline.Producer.Generating;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.Benchmarks.Harness;

/// <summary>The water-quality files, many times over with unique keys: the real ones where they are, else look-alikes.</summary>
internal static class WaterQualityFiles
{
    private const int RealRows = 38_200;

    /// <summary>A folder with the samples' file so many times over, and the reference files; one in <paramref name="badEvery"/> rows is broken (0 is none). Copies of other numbers have other keys.</summary>
    public static async Task<string> MakeAsync(BenchmarkRun run, int copies, int badEvery = 0, int firstCopy = 0)
    {
        var folder = run[string.Create(CultureInfo.InvariantCulture, $"data-{copies}-{badEvery}-{firstCopy}")];
        if (Directory.Exists(folder)) return folder;
        var originals = RealFiles.WaterQuality ?? run["originals"];
        if (!Directory.Exists(originals)) _ = await GeneratedFiles.WriteAsync(new GenerateRequest("water-quality", RealRows, 1, originals), CancellationToken.None);
        _ = Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(originals, "*.csv").Where(static file => Path.GetFileName(file).StartsWith("Methods", StringComparison.Ordinal) || Path.GetFileName(file).StartsWith("Site", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var lines = await File.ReadAllLinesAsync(Directory.GetFiles(originals, "LTM_Data*.csv")[0]);
        await using var writer = new StreamWriter(Path.Combine(folder, "LTM_Data_many.csv"), append: false, new UTF8Encoding(false), 1 << 20) { NewLine = "\r\n" };
        await writer.WriteLineAsync(lines[0]);
        var row = 0L;
        for (var copy = firstCopy; copy < firstCopy + copies; copy++)
        {
            foreach (var line in lines.AsSpan(1).ToArray())
            {
                if (line.Length == 0) continue;
                var fields = line.Split(';');
                // The sample's type is of the key, and of nothing that is joined: it tells the copies apart.
                if (copy > 0) fields[4] = string.Create(CultureInfo.InvariantCulture, $"{fields[4]} {copy}");
                if (badEvery > 0 && ++row % badEvery == 0) fields[8] = "n/a";
                await writer.WriteLineAsync(string.Join(';', fields));
            }
        }
        return folder;
    }
}
