using Pipeline.Jobs.MetricsExport;
using Pipeline.Runtime;

return await JobHost.RunAsync(args, new MetricsExportJob());
