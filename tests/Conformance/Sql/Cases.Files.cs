using Pipeline.Engine.Sql;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>Files: what each mode makes of broken records, what each mode of saving makes of what is there, tables that are read.</summary>
internal sealed partial class Cases
{
    private const string Declared = "id INT, name STRING, n DOUBLE, at TIMESTAMP, ok BOOLEAN, _corrupt_record STRING";

    private const string Csv = """
        id,name,n,at,ok
        1,ada,1.5,2020-01-31T13:45:59Z,true
        x,not a number,2,2020-01-31T13:45:59Z,true
        3,"a ""quoted"", text",-3.25e2,1965-03-01 00:00:00,FALSE
        4,short
        5,long,5,2020-01-31T13:45:59Z,true,extra
        6,bad day,6,2020-02-30T00:00:00Z,true
        7,,,,
        8,"",NaN,2020-01-01,false
        9,bad flag,9,2020-01-01T00:00:00Z,yes
        10, blanks , 10 ,2020-01-01T00:00:00Z, true
        11,-Infinity,-Inf,,

        12,é µ,12,,
        """;

    private const string Json = """
        {"id":1,"name":"ada","n":1.5,"at":"2020-01-31T13:45:59Z","ok":true}
        {"id":"x","name":"not a number","n":2}
        not json at all
        {"id":4}
        {"id":5,"name":"more","other":[1,2]}
        {"id":6,"name":"text for a number","n":"6"}
        {"id":7,"name":null,"n":null,"at":null,"ok":null}
        {"id":8.0,"name":8,"n":8,"ok":"true"}
        {"id":9,"name":"cut
        {"id":10,"name":{"a":1},"n":1e3}
        {}
        {"id":12,"name":"a \"quoted\" \u00e9","at":"1965-03-01 00:00:00"}
        """;

    private static string[] FileFormats => ["csv", "json", "parquet", "delta"];

    private void AddFiles()
    {
        foreach (var (format, text) in (ReadOnlySpan<(string, string)>)[("csv", Csv), ("json", Json)])
        {
            foreach (var mode in new[] { "PERMISSIVE", "DROPMALFORMED" })
                Table($"{format} {mode}", t => Ordered(Reader(t, mode).Format(format).Load(Written(format, text))));
            Refused($"{format} FAILFAST", t => Reader(t, "FAILFAST").Format(format).Load(Written(format, text)));
            Table($"{format} FAILFAST without broken records", t => Ordered(Reader(t, "FAILFAST").Format(format).Load(Written(format, string.Join('\n', text.ReplaceLineEndings("\n").Split('\n')[..(format == "csv" ? 2 : 1)])))));
        }
        Table("csv null value and separator", t => Ordered(t.SparkSession.Read().Schema("a STRING, b INT").Option("sep", ";").Option("nullValue", "-").Csv(Written("csv", "-;1\nx;-\n;2\n"))));
        Table("csv without header", t => Ordered(t.SparkSession.Read().Csv(Written("csv", "1,a\n2,\n"))));
        Table("csv line breaks in quotes", t => Ordered(t.SparkSession.Read().Schema("a STRING, b STRING").Option("multiLine", true).Option("escape", "\"").Csv(Written("csv", "\"one\ntwo\",x\n\"say \"\"hi\"\"\",y\n"))));
        foreach (var format in (string[])["csv", "json"])
        {
            foreach (var pattern in (string[])["yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX", "dd/MM/yyyy HH:mm", "yyyy-MM-dd HH:mm:ss.SSS", "EEE d MMM yyyy hh:mm a", "yyMMdd'at'Hms''xx", "yyyy-MM-dd HH:mm:ss[.SSS] Z"])
                Table($"{format} instants written as {pattern}", t => Lines(t.Select("id", "at"), format, ("timestampFormat", pattern)));
            foreach (var pattern in (string[])["dd.MM.yyyy", "d MMMM yy", "EEEE"])
                Table($"{format} days written as {pattern}", t => Lines(t.Select("id", "day"), format, ("dateFormat", pattern)));
        }
        Table("json with fields that are null", t => Lines(t.Select("id", "s", "i", "at", "day", "b"), "json", ("ignoreNullFields", "false")));
        Table("json without fields that are null", t => Lines(t.Select("id", "s", "i", "at", "day", "b"), "json"));
        Table("json of times in structs, arrays and maps", t => Lines(t.Select(Col("id"), Struct(Col("at"), Col("day"), Col("s")).As("x"), Array(Col("at"), Col("at2")).As("y"), Map(Col("id"), Col("day")).As("z")), "json"));
        Table("json of one document", t => Ordered(t.SparkSession.Read().Schema("a INT, b ARRAY<STRING>").Option("multiLine", true).Json(Written("json", "[{\"a\":1,\"b\":[\"x\",null]},\n {\"a\":2}]"))));
        Table("parquet with other columns declared", t => Ordered(t.SparkSession.Read().Schema("b BOOLEAN, id INT, later STRING").Parquet(Saved(t.Select("id", "b", "s"), "parquet"))));
        Refused("parquet that is none", t => t.SparkSession.Read().Schema("id INT").Parquet(Written("parquet", "this is no parquet file, although its name says so")));
        Refused("files that are not there", t => t.SparkSession.Read().Schema("id INT").Csv(NewPath()));
        foreach (var format in FileFormats) AddSaveModes(format);
        Table("small files compacted as a table grows", t => Operations(t, Grown(t, appends: 4, "delta.autoOptimize.autoCompact", "true")));
        Table("small files left as they are", t => Operations(t, Grown(t, appends: 4, "delta.autoOptimize.autoCompact", "false")));
        Table("rows of small files compacted", t => Read(t, Grown(t, appends: 4, "delta.autoOptimize.autoCompact", "true"), "delta"));
        Refused("a table with a property of Delta that there is not", t => Read(t, Grown(t, appends: 1, "delta.noSuchProperty", "true"), "delta"));
        Table("difference of tables both ways", t => Difference(Read(t, Saved(t.Select("id", "b"), "delta"), "delta"), Read(t, Saved(t.Filter(Col("id") != 3).Select("id", "b"), "delta"), "delta")).OrderBy("id", "side"));
    }

    private void AddSaveModes(string format)
    {
        foreach (var mode in new[] { "append", "overwrite", "ignore" })
        {
            Table($"save {format} {mode}", t =>
            {
                var path = Saved(t.Filter(Col("id") < 3).Select("id", "s"), format);
                t.Filter(Col("id") > 6).Select("id", "s").Write().Format(format).Mode(mode).Save(path);
                return Read(t, path, format);
            });
            Table($"save {format} {mode} where nothing is", t => Read(t, Saved(t.Filter(Col("id") < 3).Select("id", "s"), format, mode), format));
        }
        Refused($"save {format} errorifexists", t =>
        {
            var path = Saved(t.Select("id"), format, "errorifexists");
            t.Select("id").Write().Format(format).Mode("errorifexists").Save(path);
            return t;
        });
        if (format != "delta") Table($"save {format} partitioned", t => Ordered(t.SparkSession.Read().Schema("id INT, part INT").Format(format).Load(Saved(t.Select(Col("id"), (Col("id") % 3).As("part")), format, partition: "part"))));
    }

    private static DataFrameReader Reader(DataFrame t, string mode) => t.SparkSession.Read().Schema(Declared).Option("header", true).Option("mode", mode);

    private static DataFrame Read(DataFrame t, string path, string format)
    {
        var reader = t.SparkSession.Read().Format(format);
        return Ordered((format is "csv" or "json" ? reader.Schema("id INT, s STRING") : reader).Load(path));
    }

    /// <summary>All rows, in an order of their own.</summary>
    private static DataFrame Ordered(DataFrame rows) => rows.OrderBy([.. rows.Columns().Select(name => Col(name).AscNullsFirst())]);

    private static string Saved(DataFrame rows, string format, string mode = "errorifexists", string? partition = null)
    {
        var path = NewPath();
        var writer = rows.Write().Format(format).Mode(mode);
        (partition is null ? writer : writer.PartitionBy(partition)).Save(path);
        return path;
    }

    /// <summary>Lines of the files that rows become, in an order of their own.</summary>
    private static DataFrame Lines(DataFrame rows, string format, params (string Name, string Value)[] options)
    {
        var path = NewPath();
        options.Aggregate(rows.Write().Format(format), static (writer, option) => writer.Option(option.Name, option.Value)).Save(path);
        return Ordered(rows.SparkSession.Read().Text(path));
    }

    /// <summary>A Delta table of appends of a row each, three files of which are many.</summary>
    private static string Grown(DataFrame t, int appends, string property, string value)
    {
        var path = NewPath();
        t.SparkSession.Conf().Set("spark.databricks.delta.autoCompact.minNumFiles", 3L);
        foreach (var i in Enumerable.Range(1, appends))
            t.Filter(Col("id") == i).Select("id", "s").Coalesce(1).Write().Format("delta").Mode("append").Option(property, value).Save(path);
        return path;
    }

    /// <summary>What was done to a table, the first first.</summary>
    private static DataFrame Operations(DataFrame t, string path) =>
        t.SparkSession.CreateDataFrame(Pipeline.Engine.Sql.Delta.DeltaTable.ForPath(t.SparkSession, path).Commits().Reverse().Select(static commit => commit.Operation));

    private static string Written(string format, string text)
    {
        var folder = Directory.CreateDirectory(NewPath());
        File.WriteAllText(Path.Combine(folder.FullName, $"part.{format}"), text.ReplaceLineEndings("\n"));
        return folder.FullName;
    }

    private static string NewPath() => Path.Combine(Engines.Folder, Guid.NewGuid().ToString("N"));
}
