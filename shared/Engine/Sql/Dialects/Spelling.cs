using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Sql.Rendering;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

/// <summary>SQL text, and whether it can stand beside an operator without parentheses.</summary>
internal readonly record struct Fragment(string Text, bool IsAtomic)
{
    public string AsOperand => IsAtomic ? Text : $"({Text})";
}

/// <summary>How a dialect spells a function: a template, or a piece of code for the few that need one.</summary>
/// <remarks>
/// In a template <c>{0}</c> is an argument, <c>{(0)}</c> one beside an operator, <c>{*}</c> all with commas, <c>{1*}</c> those from the second on, <c>{d}</c> DISTINCT, <c>{over}</c> the window
/// (at the end where it is not written). A leading <c>~</c> says that the whole is an operator.
/// </remarks>
internal sealed partial class Spelling
{
    private readonly Func<CallText, Fragment> write;

    private Spelling(Func<CallText, Fragment> write) => this.write = write;

    public static implicit operator Spelling(string template)
    {
        var isAtomic = template[0] != '~';
        var text = isAtomic ? template : template[1..];
        var hasOver = text.Contains("{over}", StringComparison.Ordinal);
        var hasDistinct = text.Contains("{d}", StringComparison.Ordinal);
        return new Spelling(call =>
        {
            if (call.IsDistinct && !hasDistinct) throw new NotSupportedException($"'{call.Name}' takes no DISTINCT.");
            var written = Placeholder().Replace(text, match => call.Fill(match.Groups["what"].Value));
            return new Fragment(hasOver ? written : written + call.Over, isAtomic);
        });
    }

    /// <summary>Written by code; the whole is like a function call.</summary>
    public static Spelling By(Func<CallText, string> write) => new(call => new Fragment(write(call), true));

    /// <summary>Written by code; the whole is an operator.</summary>
    public static Spelling Operator(Func<CallText, string> write) => new(call => new Fragment(write(call), false));

    /// <summary>What the dialect cannot say.</summary>
    public static Spelling Refused(string why) => new(call =>
        throw new NotSupportedException($"{call.DialectName} cannot say '{call.Name}': {why}"));

    public Fragment Write(CallText call) => write(call);

    [GeneratedRegex(@"\{(?<what>\(?[0-9]*\*?\)?|d|over)\}")]
    private static partial Regex Placeholder();
}

/// <summary>A call whose arguments are rendered on demand.</summary>
internal sealed class CallText(Call call, ExprRenderer renderer, string over)
{
    public string Name => call.Function;

    public string DialectName => renderer.Dialect.Name;

    public bool IsDistinct => call.IsDistinct;

    public string Over { get; } = over;

    public SqlDialect Dialect => renderer.Dialect;

    public int Count => call.Arguments.Length;

    public DataType? Result => call.Type;

    public Expr Argument(int index) => call.Arguments[index];

    public DataType? Type(int index) => call.Arguments[index].Type;

    public string Text(int index) => renderer.Render(call.Arguments[index]).Text;

    public string Operand(int index) => renderer.Render(call.Arguments[index]).AsOperand;

    public string RenderOperand(Expr expr) => renderer.Render(expr).AsOperand;

    public string Render(Expr expr) => renderer.Render(expr).Text;

    public IEnumerable<string> Texts(int from = 0) => call.Arguments.Skip(from).Select(argument => renderer.Render(argument).Text);

    public IEnumerable<string> Operands(int from = 0) => call.Arguments.Skip(from).Select(argument => renderer.Render(argument).AsOperand);

    /// <summary>The value of an argument that must stand as a literal.</summary>
    public T Constant<T>(int index, string what) => call.Arguments[index] is Plan.Literal { Value: T value }
        ? value
        : throw new NotSupportedException($"{DialectName} cannot say '{Name}' where {what} is not a literal.");

    /// <summary>The value of a literal argument, or null where it is no literal.</summary>
    public object? ConstantOrNull(int index) => (call.Arguments[index] as Plan.Literal)?.Value;

    public string Quote(string text) => Dialect.Literal(text, new StringType());

    public string Fill(string what) => what switch
    {
        "d" => call.IsDistinct ? "DISTINCT " : "",
        "over" => Over,
        "*" => string.Join(", ", Texts()),
        _ when what[0] == '(' => Operand(Index(what[1..^1])),
        _ when what[^1] == '*' => string.Join(", ", Texts(Index(what[..^1]))),
        _ => Text(Index(what)),
    };

    private static int Index(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
}
