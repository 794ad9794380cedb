using Pipeline.Jobs.MetricsExport;
using Pipeline.Suite.Runtime.Jobs;

return await JobHost.RunAsync(args, new MetricsExportJob());
