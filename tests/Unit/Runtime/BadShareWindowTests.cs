using FluentAssertions;
using NUnit.Framework;
using Pipeline.Suite.Loading;

namespace Pipeline.Tests.Unit.Runtime;

public sealed class BadShareWindowTests
{
    [Test]
    public void Nothing_is_held_back_where_few_messages_are_bad() =>
        new BadShareWindow(0.5, 100).Take(0, 999, Every(0, 999, static offset => offset % 3 == 0)).Should().BeEmpty();

    [Test]
    public void Offsets_are_held_back_from_the_one_on_at_which_the_window_is_bad_until_it_is_not_any_more()
    {
        // 51 of the last 100 are bad for the first time at 250, and for the last time at 348.
        new BadShareWindow(0.5, 100).Take(0, 999, Every(200, 299)).Should().Equal(new OffsetRange(250, 348));
    }

    [Test]
    public void A_share_needs_evidence()
    {
        new BadShareWindow(0.5, 1000).Take(0, 48, Every(0, 48)).Should().BeEmpty("49 offsets are too few");
        new BadShareWindow(0.5, 1000).Take(0, 49, Every(0, 49)).Should().Equal(new OffsetRange(49, 49));
        new BadShareWindow(0.5, 20).Take(0, 19, Every(0, 19)).Should().Equal(new OffsetRange(19, 19));
    }

    [Test]
    public void The_first_messages_of_a_topic_are_judged_by_as_many_as_there_are() =>
        new BadShareWindow(0.5, 1000).Take(100, 899, Every(100, 699)).Should().Equal(new OffsetRange(149, 899));

    [Test]
    public void What_was_read_before_counts()
    {
        var window = new BadShareWindow(0.5, 100);
        window.Remember(0, Every(940, 999));
        window.Take(1000, 1039, []).Should().Equal(new OffsetRange(1000, 1039));
        window.Take(1040, 1100, []).Should().Equal(new OffsetRange(1040, 1048));
    }

    [TestCase(0.0)]
    [TestCase(1.0)]
    public void A_share_of_nothing_or_all_has_its_meaning(double share)
    {
        OffsetRange[] expected = share == 0 ? [new OffsetRange(60, 99)] : [];
        new BadShareWindow(share, 100).Take(0, 99, [60]).Should().Equal(expected);
    }

    [Test]
    public void The_same_messages_meet_the_same_decision_however_they_are_cut_into_batches()
    {
        var random = new Random(20261130);
        for (var round = 0; round < 300; round++)
        {
            var (share, size, count) = (random.Next(1, 10) / 10.0, random.Next(1, 200), random.Next(1, 1500));
            var badness = random.NextDouble();
            var bad = new HashSet<long>();
            for (var offset = 0; offset < count; offset++)
            {
                if (random.Next(100) == 0) badness = random.NextDouble();
                if (random.NextDouble() < badness) bad.Add(offset);
            }

            var whole = Offsets(new BadShareWindow(share, size).Take(0, count - 1, bad));
            whole.Should().Equal(Expected(share, size, count, bad), "round {0}", round);

            var cut = new List<long>();
            var window = new BadShareWindow(share, size);
            for (var from = 0L; from < count;)
            {
                var until = Math.Min(count - 1, from + random.Next(0, 400));
                if (random.Next(4) == 0)
                {
                    // A new start, which learns what came before.
                    window = new BadShareWindow(share, size);
                    if (from > 0) window.Remember(Math.Max(0, from - size), bad.Where(offset => offset < from && offset > from - size));
                }
                cut.AddRange(Offsets(window.Take(from, until, bad.Where(offset => offset >= from && offset <= until))));
                from = until + 1;
            }
            cut.Should().Equal(whole, "round {0}", round);
        }
    }

    /// <summary>The rule as it is told: for each offset, the share of the offsets up to it.</summary>
    private static IEnumerable<long> Expected(double share, int size, int count, HashSet<long> bad)
    {
        for (var offset = 0L; offset < count; offset++)
        {
            var from = Math.Max(0, offset - size + 1);
            var length = offset - from + 1;
            var isEnough = offset + 1 >= Math.Min(BadShareWindow.Evidence, size);
            if (isEnough && (double)bad.Count(one => one >= from && one <= offset) / length > share) yield return offset;
        }
    }

    private static IEnumerable<long> Offsets(IEnumerable<OffsetRange> ranges) =>
        ranges.SelectMany(static range => Enumerable.Range(0, (int)(range.Until - range.From + 1)).Select(i => range.From + i));

    private static IEnumerable<long> Every(long from, long until, Func<long, bool>? which = null) =>
        Enumerable.Range(0, (int)(until - from + 1)).Select(i => from + i).Where(which ?? (static _ => true));
}
