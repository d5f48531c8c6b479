// Simplified Chinese of the kinds in engine/nodes/deliver.
import type { KindWords } from './words.ts';

export const deliver: Record<string, KindWords> = {
  export: {
    doc:
      '把模型写成其他程序可用的文件。格式 `hf`：在同一个文件夹中写入 `config.json`、`model.safetensors` 和 `tokenizer.json`，' +
      '可由 transformers 的 `AutoModelForCausalLM.from_pretrained` 读取。全部写完后才整体替换该文件夹；' +
      '含有其他文件的文件夹不会被改动。\n\n' +
      '格式 `peft`：只写适配器（见 `lora`），即 `adapter_config.json` 和 `adapter_model.safetensors`，' +
      'peft 的 `PeftModel.from_pretrained` 可把它们加到原来的模型上。\n\n' +
      '由 `quantize` 得到的模型按其位数写成 compressed-tensors 格式；其中嵌入表为 float32。\n\n' +
      '学过对话的模型（见 `chat`）会带上它的模板：写入 `chat_template.jinja` 和 `tokenizer_config.json`，' +
      'transformers 的 `apply_chat_template` 便写出模型所学的形式，那里的 `generate` 也会在模板的结束标记处停下。',
    inputs: { model: '训练好的模型。' },
    params: {
      path: '要写入的文件夹，须在图所在的文件夹内。',
      format: 'hf：transformers 库的文件布局。peft：只写适配器。',
      base: '格式为 peft 时：文件中注明的原模型，即文件夹或 Hub 上的名称。',
    },
  },
  quantize: {
    doc:
      '用更少的位数存储模型的矩阵：整数乘以比例，每行一个比例；4 位时，每行中每 `group` 列一个比例。' +
      '在磁盘上，8 位占 float32 的四分之一，4 位约占八分之一。结果仍是模型：`evaluate` 和 `generate` 按它将来的样子运行' +
      '（以 float32 由取整后的数计算），`export` 写成 compressed-tensors 格式，transformers 和 vLLM 可以读取。\n\n' +
      '`dynamic`：8 位；每个线性层的输入也取整为 8 位，每个词元按自己的范围。`static`：同上，但每层只有一个范围，取自 `calibration`：' +
      '最大幅度，或全部幅度的 `percentile`。`rtn`：每个权重取最近的数，输入不变。`gptq`：逐列取整，' +
      '每列按该层输入在 `calibration` 上的二阶矩弥补前面各列的损失（Frantar 等，arXiv 2210.17323）；' +
      '专家、嵌入和输出头看到的是别的输入，取最近的数。比例为 bfloat16；4 位时取几种范围中最好的。\n\n' +
      '归一化、偏置、位置表和路由器保持 float32；`skip` 点名的层也一样。报告列出每一层的误差（按范数，损失占整体的比例）和字节数；' +
      '接上 `valid` 时还给出前后的损失。',
    inputs: {
      model: '训练好的模型。',
      calibration: '说明各层得到什么输入的文本：用于 static 和 gptq。',
      valid: '用于测量前后损失的文本。',
    },
    params: {
      method: '数值如何确定，输入是否也取整。',
      bits: '一个数的位数。默认：dynamic 和 static 为 8，rtn 和 gptq 为 4。',
      group: '4 位时共用一个比例的列数：8 的倍数，且能整除每一层的宽度。',
      skip: '保持原样的层，写层名或其结尾，如 "lm_head" 或 "down_proj"。',
      percentile: 'static：落在范围内的输入所占的比例；100 取最大值。',
      samples: '从 calibration 和 valid 中读取的窗口数，均匀分布在文本上。',
      context: '窗口。默认：训练时的上下文。',
      column: '文本所在的列。',
    },
  },
};
