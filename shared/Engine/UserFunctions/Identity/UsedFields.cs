using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Pipeline.Engine.UserFunctions.Identity;

/// <summary>Which captured variables a lambda uses: the compiler keeps those of all lambdas of a block in one object, and only some are this one's business.</summary>
/// <remarks>
/// Reads the method's IL and that of the methods of the same object that it names. Where the object may go elsewhere (a lambda within the lambda, an async one) every field counts as used.
/// Source: ECMA-335, part III; the one-byte and two-byte opcodes are those of <see cref="OpCodes"/>.
/// </remarks>
internal static class UsedFields
{
    private const byte TwoBytes = 0xfe;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static field => (OpCode)field.GetValue(null)!).ToDictionary(static code => code.Value);

    /// <summary>The instance fields of the method's own type that it uses.</summary>
    public static IReadOnlyList<FieldInfo> Of(MethodInfo method)
    {
        var owner = method.DeclaringType!;
        FieldInfo[] all = [.. owner.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(static field => !IsCache(field))];
        var used = new HashSet<FieldInfo>();
        var seen = new HashSet<MethodBase>();
        var open = new Stack<MethodBase>([method]);
        while (open.TryPop(out var next))
        {
            if (!seen.Add(next)) continue;
            if (next.GetMethodBody()?.GetILAsByteArray() is not { } body) return all;
            foreach (var member in Members(next.Module, body))
            {
                var type = member as Type ?? member?.DeclaringType;
                if (member is null || (type != owner && MayTakeObject(type))) return all;
                if (type != owner) continue;
                if (member is FieldInfo { IsStatic: false } field) _ = used.Add(field);
                else if (member is MethodBase inner) open.Push(inner);
            }
        }
        return [.. all.Where(used.Contains)];
    }

    /// <summary>Whether the compiler keeps a lambda within the lambda in the field, and makes it where the field is null.</summary>
    private static bool IsCache(FieldInfo field) => field.Name.StartsWith("<>9__", StringComparison.Ordinal) && field.FieldType.IsAssignableTo(typeof(Delegate));

    /// <summary>Whether the compiler made the type to hold variables; the one that holds lambdas without variables holds none.</summary>
    private static bool MayTakeObject(Type? type) => type is not null && type.IsDefined(typeof(CompilerGeneratedAttribute), false) && type.Name is not "<>c" && type.IsNested;

    /// <summary>The members that the instructions name; null for one that cannot be told.</summary>
    private static IEnumerable<MemberInfo?> Members(Module module, byte[] body)
    {
        var at = 0;
        while (at < body.Length)
        {
            var value = body[at] == TwoBytes ? BinaryPrimitives.ReadInt16BigEndian(body.AsSpan(at)) : (short)body[at];
            if (!Codes.TryGetValue(value, out var code))
            {
                yield return null;
                yield break;
            }
            at += code.Size;
            if (code.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineType or OperandType.InlineTok)
                yield return Resolve(module, BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(at)));
            at += LengthOf(code.OperandType, body.AsSpan(at));
        }
    }

    private static MemberInfo? Resolve(Module module, int token)
    {
        try
        {
            return module.ResolveMember(token);
        }
        catch (Exception error) when (error is ArgumentException or TypeLoadException or FileNotFoundException or BadImageFormatException)
        {
            return null;
        }
    }

    private static int LengthOf(OperandType operand, ReadOnlySpan<byte> bytes) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BinaryPrimitives.ReadInt32LittleEndian(bytes)),
        _ => 4,
    };
}
