using Pipeline.Engine.Sql;
using Pipeline.Suite.Schemas.Contracts;
using static Pipeline.Engine.Sql.Functions;
using Contract = Pipeline.Suite.Schemas.Students;

namespace Pipeline.Jobs.Datasets.Students;

/// <summary>Students: the thinnest data set there is. No references, no staging of its own; two files and a metric.</summary>
public sealed class StudentsFlow : IDatasetFlow
{
    /// <inheritdoc/>
    public DatasetContract Dataset => Contract.Dataset;

    /// <inheritdoc/>
    public IReadOnlyList<MetricTable> Metrics(DataFrame rows) => [new("mean_age_by_field", ["field"], Marts.MeanAgeByField(Marts.Transformed(rows)))];

    /// <inheritdoc/>
    /// <remarks>batch-etl answers for the file that it was given; a stream for all that it ever took in, in as many runs as that was.</remarks>
    public IReadOnlyList<FileOutput> Outputs(OutputRows rows)
    {
        var transformed = Marts.Transformed(rows.Loaded ?? rows.Main);
        var means = Marts.MeanAgeByField(transformed).OrderBy("field").Select(Col("field").As("Filiere"), Col("mean_age").As("Moyenne_Age"));
        return rows.Source == OutputSource.BatchEtl
            ? [new CsvOutput("resultats_etudiants.csv", means)]
            : [new CsvOutput("etudiants_transformed.csv", Marts.InOrder(transformed)), new CsvOutput("moyenne_age_par_filiere.csv", means)];
    }
}
