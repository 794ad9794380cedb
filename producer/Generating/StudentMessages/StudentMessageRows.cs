using System.Globalization;
using Pipeline.Producer.Generating.Students;
using Pipeline.Suite.Schemas;

namespace Pipeline.Producer.Generating.StudentMessages;

/// <summary>Messages that tell a student each, in a shape by chance, and some that cannot be read.</summary>
internal sealed class StudentMessageRows(string name, long rows, ulong seed, Shares shares) : GeneratedRows(name, [.. MessageFiles.Rows.Columns.Select(column => column.SourceName)], rows)
{
    internal const string Json = "json", Dict = "dict", Pairs = "pairs", Line = "line", Header = "header", Latin1 = "latin1", Broken = "broken";

    private static readonly string[][] Names =
    [
        ["Nom", "Prenom", "Age", "Filiere"], ["nom", "prénom", "âge", "filière"], ["NOM", "PRENOM", "AGE", "FILIERE"], ["last_name", "first_name", "age", "field"], ["lastName", "firstName", "age", "major"],
    ];

    private static readonly string[] Separators = [", ", "; ", " | ", "\n"];

    private readonly SeededRandom _random = SeededRandom.For(seed, "student-messages");

    protected override void Make(long index, RowBuffer row)
    {
        var student = StudentRows.Draw(_random);
        var kind = shares.Draw(_random);
        var text = kind switch
        {
            Json or Latin1 => AsJson(student),
            Dict => AsDict(student),
            Pairs => AsPairs(student),
            Line => string.Join(_random.One<char>([',', ';', '|', '\t']), student),
            Header => $"Filiere;Age;Nom;Prenom\n{student[3]};{student[2]};{student[0]};{student[1]}",
            _ => AsBroken(student),
        };
        // What Latin-1 has no letter for is sent as UTF-8.
        row.Add(kind == Latin1 && text.All(static letter => letter <= 'ÿ') ? "latin-1" : "utf-8");
        row.Add(text);
    }

    private string AsJson(string[] student)
    {
        var names = _random.One(Names);
        var age = _random.Chance(0.5) ? student[2] : _random.Chance(0.5) ? $"\"{student[2]}\"" : $"\"{student[2]} ans\"";
        return $"{{\"{names[0]}\": \"{student[0]}\", \"{names[1]}\": \"{student[1]}\", \"{names[2]}\": {age}, \"{names[3]}\": \"{student[3]}\"}}";
    }

    private string AsDict(string[] student)
    {
        var names = _random.One(Names);
        return $"{{'{names[0]}': {Quoted(student[0])}, '{names[1]}': {Quoted(student[1])}, '{names[2]}': {student[2]}, '{names[3]}': '{student[3]}', 'inscrit': True, 'tel': None}}";
    }

    /// <summary>As Python's repr: in double quotes where the text has an apostrophe.</summary>
    private static string Quoted(string text) => text.Contains('\'', StringComparison.Ordinal) ? $"\"{text}\"" : $"'{text}'";

    private string AsPairs(string[] student)
    {
        var sign = _random.Chance(0.5) ? "=" : ": ";
        return string.Join(_random.One(Separators), _random.One(Names).Zip(student, (name, value) => name + sign + value));
    }

    private string AsBroken(string[] student) => _random.Below(8) switch
    {
        0 => $"{{\"Nom\": \"{student[0]}\", \"Pre",
        1 => $"Bonjour, je suis {student[1]}",
        2 => $"{{\"Nom\": \"{student[0]}\", \"Prenom\": \"{student[1]}\", \"Filiere\": \"{student[3]}\"}}",
        3 => $"{{\"Nom\": \"{student[0]}\", \"Prenom\": \"{student[1]}\", \"Age\": \"vingt\", \"Filiere\": \"{student[3]}\"}}",
        4 => " ",
        5 => string.Join(',', student) + "\n" + string.Join(',', student),
        6 => $"{student[0]};{student[1]};{student[2]}",
        _ => string.Create(CultureInfo.InvariantCulture, $"nom={student[0]};prenom={student[1]};age={_random.Between(150, 900)};filiere={student[3]}"),
    };
}
