using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Tests.Support.Loading;
using Pipeline.Tests.Support.Processes;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Loading;

/// <summary>Lakes that an earlier contract or release made.</summary>
public sealed class EvolutionTests
{
    [Test]
    public void A_nullable_column_that_the_contract_got_is_added_and_known_rows_stay_duplicates()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "a=1");
        using var later = lake.Another(hasColor: true);

        later.Evolve().Should().Equal("color");

        later.Version.Should().Be(1);
        Counts(later.Stream(1, "a=1", "b=2")).Should().Be("2=1+0+1");
        later.Rows.Should().Equal("a=1", "b=2");
        later.Spark.Read().Format("delta").Load(later.Lake.Table(LoaderLake.Things)).Columns().Should().Equal("id", "value", "batch_id", "color");
        later.Evolve().Should().BeEmpty();
    }

    [Test]
    public void A_column_that_the_contract_lost_is_refused_by_name()
    {
        using var lake = new LoaderLake { HasColor = true };
        lake.Stream(0, "a=1");
        using var later = lake.Another();

        var act = () => later.Evolve();

        var error = act.Should().Throw<DataException>().WithMessage("Table '*things' has the column 'color', which the contract lacks*Put the column back*").Which;
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.DataContract);
    }

    [Test]
    public void A_column_of_another_type_and_a_new_required_one_are_refused_by_name()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "a=1");
        var path = lake.Lake.Table(LoaderLake.Things);
        var columns = TableEvolution.ColumnsOf(lake.Contract);

        var other = () => TableEvolution.Evolve(lake.Spark, path, new StructType(columns.Select(static column => column.Name == "value" ? column with { DataType = new LongType() } : column)), allowsMore: true);
        var required = () => TableEvolution.Evolve(lake.Spark, path, new StructType(columns.Append(new StructField("site", new StringType(), false))), allowsMore: true);

        other.Should().Throw<DataException>().WithMessage("Column 'value' of table '*things' is double, and the contract has bigint*new name*");
        required.Should().Throw<DataException>().WithMessage("Table '*things' lacks the column 'site', which must have a value in each row*optional*");
        lake.Version.Should().Be(0);
    }

    [Test]
    public async Task A_lake_of_an_earlier_release_is_brought_up_to_date_by_the_next_run_with_a_line_for_each_table()
    {
        using var folder = new TemporaryFolder();
        Write(folder["one"], "Petit,Zoé,23,IA", "Blanc,Noé,old,IA");
        Write(folder["two"], "Petit,Zoé,23,IA", "Roux,Léa,19,Droit", "Morel,Inès,no,IA");
        var lake = new LakeLayout(folder["lake"]);
        (await LoadAsync(folder["one"], lake)).Error.Should().NotContain("has new columns");
        Drop(lake.Quarantine("students"), "source_item");
        Drop(lake.Batches, "reason");
        (await Programs.PipelineAsync(["batches", "list", "--lake", lake.Root, "--master", "embedded[1]"])).ExitCode.Should().Be(0, "what only looks changes nothing, and needs nothing changed");
        (await Programs.PipelineAsync(["quarantine", "list", "--lake", lake.Root, "--master", "embedded[1]"])).ExitCode.Should().Be(0);

        var run = await LoadAsync(folder["two"], lake);

        run.Error.Should().Contain("quarantine/students' has new columns: 'source_item'").And.Contain("batches' has new columns: 'reason'");
        using var engine = EmbeddedEngine.Create(new EmbeddedSettings { Threads = 1 });
        var spark = SparkSession.ForEngine(engine);
        spark.Read().Format("delta").Load(lake.Quarantine("students")).Count().Should().Be(2);
        BatchRows.Find(spark, lake, Lit(true)).Should().HaveCount(2);
        (await LoadAsync(folder["two"], lake)).Error.Should().NotContain("has new columns");
        Drop(lake.Table("students"), "field");
        var refused = await Programs.PipelineAsync(["batch-etl", "--dataset", "students", "--input", folder["two"], "--lake", lake.Root, "--master", "embedded[1]"]);
        refused.ExitCode.Should().Be(ExitCodes.DataContract);
        refused.Error.Should().Contain("lacks the column 'field', which must have a value in each row");
    }

    private static void Write(string folder, params string[] rows)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "etudiants.csv"), ["Nom,Prenom,Age,Filiere", .. rows]);
    }

    private static async Task<ProgramRun> LoadAsync(string input, LakeLayout lake)
    {
        var run = await Programs.PipelineAsync(["batch-etl", "--dataset", "students", "--input", input, "--lake", lake.Root, "--master", "embedded[1]", "--max-bad-share", "1"]);
        run.ExitCode.Should().Be(0, run.Error);
        return run;
    }

    private static void Drop(string table, string column)
    {
        using var engine = EmbeddedEngine.Create(new EmbeddedSettings { Threads = 1 });
        var rows = SparkSession.ForEngine(engine).Read().Format("delta").Load(table).Drop(column).Persist();
        rows.Write().Format("delta").Mode("overwrite").Option("overwriteSchema", "true").Save(table);
    }

    private static string Counts(LoadedBatch batch) => $"{batch.Read}={batch.Written}+{batch.Quarantined}+{batch.Duplicate}";
}
