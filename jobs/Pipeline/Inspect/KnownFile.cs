using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Inputs;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Jobs.Cli.Inspect;

/// <summary>A file, and the contract that its name says it follows.</summary>
/// <param name="Uri">Path or URI.</param>
/// <param name="Dataset">The data set.</param>
/// <param name="Source">How it is read.</param>
/// <param name="Reference">Name of the reference that it is, or null for the main file.</param>
internal sealed record KnownFile(string Uri, DatasetContract Dataset, SourceFile Source, string? Reference)
{
    public bool IsMain => Reference is null;

    /// <summary>What it is, for people.</summary>
    public string What => IsMain
        ? $"'{Dataset.Name}', rows of '{Source.Contract.Name}' ({Source.Contract.Grain})"
        : $"'{Dataset.Name}', its reference '{Reference}' ({Source.Contract.Grain})";

    /// <summary>Finds the contract by the file's name; a data set that is named and has no file of that name takes it as its main file.</summary>
    /// <exception cref="UsageException">It is no csv, compressed or not, and no xlsx, or no data set has a file of that name.</exception>
    public static KnownFile Of(string uri, string? dataset)
    {
        var name = uri[(uri.LastIndexOf('/') + 1)..];
        var stem = InputFiles.Stem(name);
        InputFiles.RefuseOtherFormats(name, uri);
        if (!InputFiles.IsRead(name))
            throw new UsageException($"'{uri}' is neither a .csv nor an .xlsx file; a .csv may be compressed (.gz, .zst, .zip). Name the file, not its folder.");
        var files = Suite.Schemas.Datasets.All.Where(each => dataset is null || each.Name == dataset)
            .SelectMany(static each => each.References.Select(reference => (Dataset: each, Source: reference.Value, Reference: (string?)reference.Key)).Prepend((Dataset: each, Source: each.Main, Reference: null)))
            .ToList();
        foreach (var (owner, source, reference) in files)
            if (source.IsNamed(stem)) return new KnownFile(uri, owner, source, reference);
        if (dataset is not null) return new KnownFile(uri, files[0].Dataset, files[0].Source, null);
        throw new UsageException($"No data set has a file of the name '{name}'. They are: {string.Join(", ", files.Select(static file => file.Source.Pattern).Distinct())}. Say whose rows these are with --dataset.");
    }
}
