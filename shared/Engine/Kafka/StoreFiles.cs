namespace Pipeline.Engine.Kafka;

/// <summary>The files that settings of stores name, for both directions of the mapping.</summary>
/// <param name="origin">Path of the settings, for messages and for files beside it.</param>
internal sealed class StoreFiles(string origin)
{
    /// <summary>Whether a store that begins so is PEM: a dash, a letter of "Bag Attributes", a comment or an empty line.</summary>
    public static bool BeginsAsPem(int first) => first is '-' or 'B' or '#' or '\n';

    /// <summary>The path of a file that is there.</summary>
    /// <param name="key">The setting that names it.</param>
    /// <param name="path">As the setting says.</param>
    /// <exception cref="KafkaSettingsException">There is no such file.</exception>
    public string Existing(string key, string path)
    {
        if (File.Exists(path)) return Path.GetFullPath(path);
        // Kafka's tools look from where they are started; a file beside the settings is found as well, so that the folder can move.
        if (!Path.IsPathRooted(path) && Path.GetDirectoryName(Path.GetFullPath(origin)) is { } folder && File.Exists(Path.Combine(folder, path)))
            return Path.Combine(folder, path);
        throw new KafkaSettingsException($"{origin}: '{key}' names the file '{path}', which is not there. Give the path of an existing file.");
    }
}
