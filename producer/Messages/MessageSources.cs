using Pipeline.Engine.Files;
using Pipeline.Engine.Types;
using Pipeline.Producer.Generating;
using Pipeline.Producer.Sending;

namespace Pipeline.Producer.Messages;

/// <summary>Opens what is to be sent.</summary>
internal static class MessageSources
{
    /// <exception cref="UsageException">Neither a file nor a number of rows is given, or there is no such file or generator.</exception>
    /// <exception cref="DataException">The file is unreadable, or its header breaks the contract.</exception>
    internal static IMessageSource Open(SendOptions options)
    {
        if (options.GenerateRows is { } rows)
        {
            var generator = DatasetGenerators.For(options.Dataset.Name, rows);
            return generator.Messages(rows, options.Seed, generator.UsualShares.With(options.Shares));
        }
        if (options.File is null)
            throw new UsageException("There is nothing to send. Give --file with a CSV or Excel file, or --generate N for generated rows.");
        var source = RowSources.Open(options.File, options.Dataset.Main.Delimiter, options.Sheet, options.Encoding, options.Note ?? (_ => { }));
        try
        {
            return options.Dataset.Main.RowsInFile is null ? new JsonRowMessages(source, options.Dataset) : new TextMessages(source, options.Dataset.Main);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }
}
