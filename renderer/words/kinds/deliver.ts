// Simplified Chinese of the kinds in engine/nodes/deliver.
import type { KindWords } from './words.ts';

export const deliver: Record<string, KindWords> = {
  export: {
    doc:
      '把模型写成其他程序可用的文件。格式 `hf`：在同一个文件夹中写入 `config.json`、`model.safetensors` 和 `tokenizer.json`，' +
      '可由 transformers 的 `AutoModelForCausalLM.from_pretrained` 读取。全部写完后才整体替换该文件夹；' +
      '含有其他文件的文件夹不会被改动。',
    inputs: { model: '训练好的模型。' },
    params: {
      path: '要写入的文件夹，须在图所在的文件夹内。',
      format: 'hf：transformers 库的文件布局。',
    },
  },
};
