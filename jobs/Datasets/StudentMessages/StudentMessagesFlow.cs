using Pipeline.Engine.Sql;
using Pipeline.Jobs.Datasets.Parsing;
using Pipeline.Suite.Reports.Charts;
using Pipeline.Suite.Schemas.Contracts;
using static Pipeline.Engine.Sql.Functions;
using Contract = Pipeline.Suite.Schemas.StudentMessages;

namespace Pipeline.Jobs.Datasets.StudentMessages;

/// <summary>Students told in free-form messages: read, measured, and laid down as a SQLite database and a picture.</summary>
public sealed class StudentMessagesFlow : IDatasetFlow
{
    /// <inheritdoc/>
    public DatasetContract Dataset => Contract.Dataset;

    /// <inheritdoc/>
    public DataFrame StageMessages(DataFrame messages) => Stage(MessageTexts.FromKafka(messages, orLatin1: true));

    /// <inheritdoc/>
    public DataFrame StageRecords(DataFrame records, string corruptColumn) => Stage(MessageTexts.FromRecords(records, corruptColumn));

    /// <inheritdoc/>
    public IReadOnlyList<MetricTable> Metrics(DataFrame rows) =>
    [
        new("field_stats", ["population", "filiere"], Marts.FieldStats(rows)),
        new("summary", ["population", "name"], Marts.Summary(rows)),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<FileOutput> Outputs(OutputRows rows)
    {
        var students = rows.Main;
        var stats = Marts.FieldStats(students).Select(
            Col("population"), Col("filiere").As("Filiere"), Col("nombre").As("Nombre"), Col("moyenne").As("Moyenne"), Col("min").As("Min"), Col("max").As("Max"), Col("ecart_type").As("Ecart-type"));
        return
        [
            new SqliteOutput("students_analysis.db",
            [
                new("students", ["row_id"], students.Select("row_id", "nom", "prenom", "age", "filiere")),
                new("field_stats", ["population", "Filiere"], stats),
                new("summary", ["population", "name"], Marts.Summary(students)),
            ]),
            new DrawnOutput("age_distribution.png", students.Select("filiere", "age").OrderBy("filiere", "age"), static ages => ChartImage.ToPng(AgeDistribution(ages))),
        ];
    }

    private static HistogramChart AgeDistribution(IReadOnlyList<Row> ages) => new(
        FormattableString.Invariant($"Age of {ages.Count:N0} students by field of study"), "age (years)", "number of students", 1,
        [.. ages.GroupBy(row => row.GetAs<string>(0)).Select(field => new ChartGroup(field.Key, [.. field.Select(row => (double)row.GetAs<int>(1))]))]);

    private static DataFrame Stage(DataFrame texts) => ContractParser.Parse(StudentMessageReader.Read(texts), Contract.Students);
}
