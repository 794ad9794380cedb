namespace Pipeline.Jobs.Cli.Report;

/// <summary>How a report looks, on a light and on a dark screen, and on paper.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --line: light-dark(#d8dee4, #3d444d); --faint: light-dark(#59636e, #9198a1); --written: #1f883d; --quarantined: #bc4c00; --duplicate: #6e7781; --late: #8250df; --failed: #cf222e; }
        body { font: 15px/1.45 system-ui, "DejaVu Sans", sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
        .message { font-size: 1.05rem; }
        dl { display: flex; flex-wrap: wrap; gap: 1rem 2rem; margin: 1rem 0; } dl div { display: block; } dt { color: var(--faint); font-size: .85rem; } dd { margin: 0; }
        table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; } th { color: var(--faint); font-weight: 500; font-size: .85rem; }
        span.number { display: block; } .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .bar { display: block; width: 100%; min-width: 6rem; height: .7rem; background: var(--line); }
        rect.written, i.written { fill: var(--written); background: var(--written); } rect.quarantined, i.quarantined { fill: var(--quarantined); background: var(--quarantined); }
        rect.duplicate, i.duplicate { fill: var(--duplicate); background: var(--duplicate); } rect.late, i.late { fill: var(--late); background: var(--late); }
        .legend span { margin-right: 1.2rem; } .legend i { display: inline-block; width: .8rem; height: .8rem; margin-right: .35rem; vertical-align: -.1rem; }
        .badge { font-size: .85rem; font-weight: 500; padding: .1rem .5rem; border-radius: 1rem; color: #fff; background: var(--duplicate); vertical-align: middle; }
        .badge.succeeded { background: var(--written); } .badge.quarantined { background: var(--quarantined); } .badge.failed { background: var(--failed); }
        figure { margin: 1rem 0; } img { max-width: 100%; height: auto; } figcaption, footer { color: var(--faint); font-size: .85rem; } footer { margin-top: 3rem; }
        @media print { body { margin: 0; max-width: none; } section { break-inside: avoid-page; } }
        """;
}
