using Pipeline.Jobs.HdfsEnrich;
using Pipeline.Runtime;

return await JobHost.RunAsync(args, new HdfsEnrichJob());
