using System.Buffers;
using System.Text;
using Pipeline.Engine.Files;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;

namespace Pipeline.Suite.Runtime.Inputs;

/// <summary>Records with the place of each, read here and handed to the engine: no engine reads workbooks or tells lines. For references and inputs that fit in memory.</summary>
internal static class PositionedRecords
{
    public static async Task<DataFrame> ReadAsync(JobContext context, InputFile input, SourceFile file, CancellationToken cancellationToken)
    {
        var slash = input.Uri.LastIndexOf('/');
        var storage = context.StorageFor(input.Uri[..slash]);
        if (storage.LocalRoot is { } folder) return Read(context, Path.Combine(folder, input.Name), input, file, cancellationToken);
        var copy = Directory.CreateTempSubdirectory("pipeline-input-").FullName;
        try
        {
            var local = Path.Combine(copy, input.Name);
            await using (var source = await storage.OpenReadAsync(input.Name, cancellationToken: cancellationToken).ConfigureAwait(false))
            await using (var target = File.Create(local))
                await source.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
            return Read(context, local, input, file, cancellationToken);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static DataFrame Read(JobContext context, string path, InputFile input, SourceFile file, CancellationToken cancellationToken)
    {
        var schema = new StructType(
        [
            .. file.InFile.SourceSchema,
            new StructField(InputFiles.CorruptColumn, new StringType()), new StructField(StagedColumns.File, new StringType()), new StructField(StagedColumns.Line, new StringType()), new StructField(StagedColumns.Version, new StringType()),
        ]);
        try
        {
            using var rows = RowSources.Open(path, file.Delimiter, sheet: null, encoding: null, static _ => { });
            InputFiles.RefuseMissingColumns(rows.Columns, file.InFile, input.Uri);
            int[] places = [.. file.InFile.Columns.Select(column => rows.Columns.TakeWhile(name => !name.Equals(column.SourceName, StringComparison.OrdinalIgnoreCase)).Count())];
            return context.Spark.CreateDataFrame(Values(rows, places, file.Delimiter, input.Name, FileVersion.Of(path), cancellationToken), schema);
        }
        catch (DataException error)
        {
            throw new DataException(error.Message, error);
        }
        catch (UsageException error)
        {
            throw new UsageException(error.Message, error);
        }
    }

    private static IEnumerable<object?[]> Values(IRowSource rows, int[] places, char delimiter, string name, string version, CancellationToken cancellationToken)
    {
        var position = new ArrayBufferWriter<byte>();
        while (rows.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            position.ResetWrittenCount();
            rows.WritePosition(position);
            // What stands beyond the header has no name, and a line that is too short may lack any of its fields.
            var isCorrupt = rows.FieldCount != rows.Columns.Count;
            yield return
            [
                .. places.Select(place => !isCorrupt && place < rows.FieldCount && !rows.Field(place).IsEmpty ? Text(rows.Field(place)) : null),
                isCorrupt ? string.Join(delimiter, Enumerable.Range(0, rows.FieldCount).Select(i => Text(rows.Field(i)))) : null,
                name, Text(position.WrittenSpan), version,
            ];
        }
    }

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
