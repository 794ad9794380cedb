using System.Globalization;
using Contract = Pipeline.Suite.Schemas.Students;

namespace Pipeline.Producer.Generating.Students;

/// <summary>Students one by one: a name, an age from 17 to 29, a field. Each field has an age about which its students lie.</summary>
internal sealed class StudentRows(string name, long rows, ulong seed) : GeneratedRows(name, [.. Contract.Rows.Columns.Select(column => column.SourceName)], rows)
{
    private const double AgainShare = 0.01;

    private static readonly string[] LastNames =
    [
        "Lefèvre", "Müller", "Dupont", "Bérenger", "d'Arcy", "Garçon", "Noël", "Hébert", "Lemaître", "Côté", "Fauré", "Benoît", "Dùc", "Kaïs", "Ibáñez", "Åkesson",
        "Moreau", "Petit", "Rousseau", "Girard", "Mercier", "Blanc", "Chevalier", "Gauthier", "Lambert", "Œuvrard", "Saint-Étienne", "El Idrissi", "Traoré", "Nguyễn",
    ];

    private static readonly string[] FirstNames =
    [
        "Zoé", "Chloé", "Léa", "Éloïse", "Anaïs", "Maëlle", "Inès", "Gaëtan", "Jérôme", "François", "Cédric", "Rémi", "Loïc", "Aimée", "Hélène", "Grégoire",
        "Marie", "Paul", "Hugo", "Camille", "Nora", "Yasmine", "Omar", "Lucas", "Manon", "Jean-Noël", "Øyvind", "Agnès", "Théo", "Sofía",
    ];

    private static readonly (string Name, int Age)[] Fields = [("Informatique", 22), ("Gestion", 21), ("Finance", 23), ("Droit", 22), ("IA", 24)];

    private readonly SeededRandom _random = SeededRandom.For(seed, "students");
    private (string LastName, string FirstName, int Age, string Field) _last;

    protected override void Make(long index, RowBuffer row)
    {
        if (index == 0 || !_random.Chance(AgainShare))
            _last = Make(_random);
        row.Add(_last.LastName);
        row.Add(_last.FirstName);
        row.Add(_last.Age, "");
        row.Add(_last.Field);
    }

    /// <summary>A student's family name, given name, age and field.</summary>
    internal static string[] Draw(SeededRandom random)
    {
        var (lastName, firstName, age, field) = Make(random);
        return [lastName, firstName, age.ToString(CultureInfo.InvariantCulture), field];
    }

    private static (string LastName, string FirstName, int Age, string Field) Make(SeededRandom random)
    {
        var (field, age) = random.One(Fields);
        return (random.One(LastNames), random.One(FirstNames), Math.Clamp(age + random.Between(-3, 2) + random.Between(-2, 3), 17, 29), field);
    }
}
