// A sign for each stage and for what a node's state is.
import { Boxes, CircleHelp, Database, GraduationCap, type LucideIcon, PackageCheck } from 'lucide-react';
import type { Stage } from '../../engine/graph/registry.ts';

export const stageIcons: Record<Stage | 'unknown', LucideIcon> = {
  data: Database,
  model: Boxes,
  train: GraduationCap,
  deliver: PackageCheck,
  unknown: CircleHelp,
};
